"""The last step of a change that waits for its own requester."""

from password_site import over, tell


async def confirmed(site, user):
    """Confirm the one change that there is, and wait for its end; the record."""
    [record] = await site.bot.kernel.dispatcher.changes.rows.latest()
    await tell(site, user, f"/pg change confirm {record.id} --name {record.plan.target.name}")
    return await over(site, record)
