"""Numbers as people read them, on pages as in mails."""

from __future__ import annotations

from reports.formats import NONE as NONE
from reports.formats import change as change
from reports.formats import day as day
from reports.formats import days as days
from reports.formats import metric as metric
from reports.formats import moment as moment
from reports.formats import money as money
from reports.formats import number as number
from reports.formats import percent as percent
from reports.formats import rate as rate
from reports.formats import signed as signed
from reports.formats import signed_alike as signed_alike
from reports.formats import size as size
