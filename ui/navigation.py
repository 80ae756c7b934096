"""The pages in the order in which the sidebar shows them, by group: what each is called and who may open it."""

from __future__ import annotations

from dataclasses import dataclass

from store.access import LEAST_ROLE, Action


@dataclass(frozen=True)
class Entry:
    """A page in the navigation. `needs` is what a person must be allowed to do to open it."""

    group: str
    file: str
    title: str
    icon: str
    needs: Action | None = Action.VIEW
    help: str = ""

    @property
    def of_project(self) -> bool:
        return self.needs in LEAST_ROLE


_DASHBOARDS, _PLAN, _TRUST, _NAMING = "Dashboards", "Plan and share", "Trust", "Naming"
_DATA, _PROJECT, _YOU = "Data", "Project", "You"
ENTRIES = (
    Entry(_DASHBOARDS, "overview", "Overview", "monitoring", help="All channels side by side."),
    Entry(_DASHBOARDS, "channels", "Channels", "hub", help="Advertising, social, e-mail, web and sales, each in its own terms."),
    Entry(_DASHBOARDS, "channel", "One channel", "campaign", help="One channel with its metrics, accounts and campaigns."),
    Entry(_DASHBOARDS, "campaigns", "Campaigns", "account_tree", help="From platform down to the ad, with budgets."),
    Entry(_DASHBOARDS, "funnel", "Funnel", "filter_alt", help="From first contact to the repeat order."),
    Entry(_DASHBOARDS, "roi", "ROI", "savings", help="What advertising brings, and what is left of it."),
    Entry(_DASHBOARDS, "compare", "Compare", "compare_arrows", help="Periods, channels or campaigns side by side."),
    Entry(_DASHBOARDS, "explore", "Explore", "query_stats", help="Any metric by anything, in any chart."),
    Entry(_PLAN, "targets", "Targets", "flag", help="What is planned, and how it goes."),
    Entry(_PLAN, "views", "Saved views", "bookmarks", help="Views that you or others have named."),
    Entry(_PLAN, "reports", "Reports", "send", help="Views that are mailed or posted by themselves."),
    Entry(_TRUST, "explain", "Explain a number", "troubleshoot", help="Formula, rows and what moved it."),
    Entry(_TRUST, "health", "Data health", "monitor_heart", help="How fresh, how right, and what changed since."),
    Entry(_NAMING, "grouping", "Channel rules", "rule", help="What counts as which channel."),
    Entry(_NAMING, "naming", "Campaign names", "label", help="How campaigns are named, and which break it."),
    Entry(_NAMING, "utm", "Link builder", "add_link", help="Tagged links that every tool reads alike."),
    Entry(_NAMING, "tagging", "Tag audit", "compare", help="Spend without visits, visits without a campaign."),
    Entry(_DATA, "connections", "Connections", "cable", help="Accounts that are read by themselves."),
    Entry(_DATA, "syncs", "Syncs", "sync", help="What is being read, what was, and when next."),
    Entry(_DATA, "upload", "Upload", "upload_file", Action.IMPORT, "Import exported spreadsheets."),
    Entry(_DATA, "imports", "Imports", "history", help="What was imported when, and undo."),
    Entry(_DATA, "offline", "Offline spend", "newspaper", Action.IMPORT, "Print, radio and events by hand."),
    Entry(_DATA, "rates", "Exchange rates", "currency_exchange", help="ECB reference rates and your own."),
    Entry(_PROJECT, "members", "Members", "group", help="Who is in this project, and invitations."),
    Entry(_PROJECT, "project", "Settings", "settings", help="Name, currency, time zone, refunds."),
    Entry(_PROJECT, "audit", "Audit log", "fact_check", Action.READ_AUDIT, "Who did what when."),
    Entry(_YOU, "account", "Account", "person", None, "Name, passphrase, second factor, sign-ins."),
    Entry(_YOU, "people", "People", "manage_accounts", Action.MANAGE_PEOPLE, "Everybody on this instance."),
)  # fmt: skip
_TITLES = {entry.file: entry.title for entry in ENTRIES}


def title(page: str) -> str:
    """What a page is called in the navigation; its file's name in words where this version has no such page."""
    return _TITLES.get(page) or page.replace("_", " ").capitalize()
