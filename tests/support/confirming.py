"""The confirmation of a change by its own requester."""

from password_site import over, tell


async def confirmed(site, user):
    """Confirm the only change, wait for its end and return the record."""
    [record] = await site.bot.kernel.dispatcher.changes.rows.latest()
    await tell(site, user, f"/pg change confirm {record.id} --name {record.plan.target.name}")
    return await over(site, record)
