"""Slack's error words by what they are about: whether waiting helps, and whom it takes where it does not.

Source: the errors that Slack's documentation lists for the methods that the bot calls.
"""

from datetime import timedelta
from enum import StrEnum


class SlackTrouble(StrEnum):
    """The kinds. A `LATER` one passes; a `WORKSPACE` one is about the app and its token, so that nothing can
    be sent until somebody has mended that; the others hold for one conversation, or for one message."""

    LATER = "later"
    WORKSPACE = "workspace"
    CONVERSATION = "conversation"
    MESSAGE = "message"

    @property
    def passes(self) -> bool:
        """Return whether the same message may be taken later."""
        return self in {SlackTrouble.LATER, SlackTrouble.WORKSPACE}


_WORDS = {
    SlackTrouble.LATER: """
        accesslimited external_channel_migrating fatal_error incomplete_answer internal_error
        message_limit_exceeded no_answer not_connected rate_limited ratelimited request_timeout
        service_unavailable team_added_to_org update_failed upload_failed
    """,
    SlackTrouble.WORKSPACE: """
        access_denied account_inactive app_access_restricted app_not_installed deprecated_endpoint
        ekm_access_denied enterprise_is_restricted file_uploads_disabled file_uploads_except_images_disabled
        forbidden_team invalid_auth is_bot method_deprecated missing_scope no_permission
        not_allowed_token_type not_authed org_login_required paid_teams_only plan_upgrade_required
        storage_limit_reached team_access_not_granted team_not_found token_expired token_revoked
        two_factor_setup_required unknown_method
    """,
    SlackTrouble.CONVERSATION: """
        cannot_dm_bot cannot_reply_to_message cant_broadcast_message cant_delete_message cant_update_message
        channel_is_limited_access channel_not_found channel_type_not_supported edit_window_closed
        invalid_channel invalid_user_combination invalid_users is_archived is_inactive message_not_found
        messages_tab_disabled method_not_supported_for_channel_type missing_users no_such_subteam
        not_enough_users not_in_channel posting_to_channel_denied posting_to_general_channel_denied
        restricted_action restricted_action_non_threadable_channel restricted_action_read_only_channel
        restricted_action_thread_locked restricted_action_thread_only_channel
        slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked
        slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked
        slack_connect_file_upload_sharing_blocked slack_connect_lists_sharing_blocked thread_locked
        thread_not_found too_many_users user_disabled user_is_bot user_not_found user_not_in_channel
        user_not_visible users_list_not_supplied users_not_found
    """,
    SlackTrouble.MESSAGE: """
        alt_txt_too_large as_user_not_supported attachment_payload_limit_exceeded block_mismatch
        blocked_file_type blocks_not_supported channels_limit_exceeded draft_already_deleted
        draft_already_sent draft_has_conflict draft_not_found duplicate_channel_not_found
        duplicate_external_id duplicate_message_not_found exchanged_trigger_id expired_trigger_id
        expired_url file_deleted file_is_deleted file_not_found file_not_supported file_share_limit_reached
        file_type_not_allowed file_update_failed file_upload_size_restricted hash_conflict invalid_arg_name
        invalid_arguments invalid_array_arg invalid_attachments invalid_blocks invalid_blocks_format
        invalid_charset invalid_cursor invalid_files invalid_form_data invalid_json
        invalid_metadata_filter_keys invalid_metadata_format invalid_metadata_schema invalid_payload
        invalid_post_type invalid_thread_ts invalid_trigger_id invalid_ts_latest invalid_ts_oldest
        json_not_object length_required list_record_comment_fetch_failed malware_detected
        markdown_text_conflict max_file_sharing_exceeded message_contains_slackbot_responses
        metadata_must_be_sent_from_app metadata_too_large missing_argument missing_charset missing_file_data
        missing_post_type missing_profile_id msg_blocks_too_long msg_too_long
        no_dual_broadcast_content_update no_text not_enabled not_found not_implemented
        only_one_table_allowed push_limit_reached refused send_on_behalf_not_allowed snippet_too_large
        streaming_state_conflict superfluous_charset too_many_attachments too_many_contact_cards
        trigger_exchanged trigger_expired unable_to_share_files unknown_snippet_type unknown_subtype
        used_url view_not_found view_too_large
    """,
}

UNKNOWN_OUTCOME = frozenset(
    {
        *("fatal_error", "incomplete_answer", "internal_error"),
        *("no_answer", "request_timeout", "service_unavailable"),
    }
)
"""Words after which the message may be there all the same: of the first and third, Slack documents that."""

KNOWN: dict[str, SlackTrouble] = {word: kind for kind, words in _WORDS.items() for word in words.split()}


_RETRY_PERIODS = {SlackTrouble.LATER: timedelta(days=1), SlackTrouble.WORKSPACE: timedelta(days=7)}

UNKNOWN_WORD_PERIOD = timedelta(hours=6)


def retry_period(word: str) -> timedelta:
    """Return how long Slack is asked to take something that it refuses with this word; zero for a refusal
    that does not pass. Somebody has to mend an app or its token, and a monthly report must not be lost over
    that; a word that nobody knows yet may pass, or may not."""
    return _RETRY_PERIODS.get(trouble_of(word), timedelta()) if word in KNOWN else UNKNOWN_WORD_PERIOD


def trouble_of(word: str) -> SlackTrouble:
    """Return the kind of one of Slack's error words. One that nobody knows yet may pass."""
    return KNOWN.get(word, SlackTrouble.LATER)
