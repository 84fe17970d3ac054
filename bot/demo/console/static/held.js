// Puts what a person has put into a view's inputs back into them, as what they begin with.

const optionsOf = (element) => element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);

function begun(element, value) {
  if (element.type === "rich_text_input") return { initial_value: value?.elements[0].elements[0].text ?? "" };
  if (element.type === "file_input") return { initial_files: value };
  if (element.type.endsWith("_input")) return { initial_value: value ?? "" };
  if (element.type.endsWith("picker")) return { initial_date: value, initial_time: value, initial_date_time: value };
  if (element.type === "external_select") return { initial_option: value ?? undefined };
  if (element.type === "multi_external_select") return { initial_options: value };
  if (Array.isArray(value)) return { initial_options: optionsOf(element).filter((option) => value.includes(option.value)), initial_users: value };
  return { initial_option: optionsOf(element).find((option) => option.value === value), initial_user: value, initial_channel: value };
}

export function withHeld(blocks, values) {
  return blocks.map((block) =>
    block.type === "input" && block.block_id in values
      ? { ...block, element: { ...block.element, ...begun(block.element, values[block.block_id]) } }
      : block);
}
