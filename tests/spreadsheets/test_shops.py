"""Orders, payments and deals; every person here is invented."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal

from spreadsheets.understanding import Answers

SHOPIFY_HEAD = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,"
    "Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,"
    "Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,"
    "Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,"
    "Payment ID,Payment Terms Name,Next Payment Due At,Payment References"
)


def shopify_row(**cells: str) -> str:
    return ",".join('"' + cells.get(name, "").replace('"', '""') + '"' for name in SHOPIFY_HEAD.split(","))


def shopify_file() -> str:
    first = {
        "Name": "#1001", "Email": "Ann@Example.com", "Financial Status": "partially_refunded", "Currency": "EUR", "Subtotal": "90.00",
        "Shipping": "5.00", "Taxes": "15.83", "Total": "95.00", "Discount Amount": "10.00", "Created at": "2026-04-05 23:50:32 -0400",
        "Lineitem quantity": "2", "Lineitem name": "Blue Widget", "Lineitem price": "40.00", "Lineitem sku": "BW", "Billing Name": "Ann Invented",
        "Billing Country": "DE", "Notes": "ring at\nAnn Invented, 0151 000", "Note Attributes": "phone: 0151 000", "Refunded Amount": "20.00", "Id": "5551234567890123",
    }  # fmt: skip
    more = {
        "Name": "#1001",
        "Lineitem quantity": "1",
        "Lineitem name": "Red Gadget",
        "Lineitem price": "20.00",
    }
    void = first | {
        "Name": "#1002",
        "Financial Status": "voided",
        "Id": "5551234567890124",
        "Refunded Amount": "0.00",
        "Email": "",
    }
    return "\n".join([SHOPIFY_HEAD, shopify_row(**first), shopify_row(**more), shopify_row(**void)]) + "\n"


def test_shopify_order_over_several_lines(read_one):
    assert len(SHOPIFY_HEAD.split(",")) == 79
    table = read_one("orders_export_1.csv", shopify_file(), Answers(salt="s"))
    assert (table.platform, table.report, table.kind, table.grain, table.rows) == (
        "shopify",
        "orders",
        "orders",
        "order",
        2,
    )
    assert table.totals == {
        "orders": 2, "revenue_gross": 210, "discounts": 20, "refunds": 115, "revenue_net": 75, "shipping": 10,
        "taxes": Decimal("31.66"),
    }  # fmt: skip
    order = table.frame.row(0, named=True)
    assert order["order_key"] == "5551234567890123"
    assert order["name"] == "#1001"
    assert order["items"] == 3
    assert order["placed_at"] == datetime(2026, 4, 6, 3, 50, 32, tzinfo=UTC)
    assert order["day"] == date(2026, 4, 5)
    assert order["gross"] - order["discounts"] - order["refunds"] == order["net"] == 75
    assert order["customer_key"] == hashlib.sha256(b"sann@example.com").hexdigest()
    assert table.lines is not None
    assert table.lines["title"].to_list()[:2] == ["Blue Widget", "Red Gadget"]
    assert table.lines["line"].to_list()[:2] == [1, 2]


def test_no_personal_data_leaves_the_reader(read_one):
    table = read_one("orders_export_1.csv", shopify_file())
    shown = (
        repr(table.as_dict())
        + table.frame.write_csv()
        + (table.lines.write_csv() if table.lines is not None else "")
    )
    for secret in ("ann@", "Ann@", "Ann Invented", "0151"):
        assert secret not in shown


def test_shopify_analytics_counts_days_not_products_orders(read_one):
    text = (
        '"Day","Product title","Net items sold","Gross sales","Discounts","Returns","Net sales","Taxes","Total sales","Orders"\n'
        '"2026-01-01","Widget",3,30.00,-3.00,-2.00,25.00,4.00,29.00,2\n"2026-01-01","",0,0,0,0,0,1.00,6.00,0\n'
    )
    table = read_one("sales.csv", text)
    assert (table.platform, table.report, table.rows, table.daily) == ("shopify", "analytics", 2, True)
    assert '"revenue_gross": 30' in table.frame["more"][0]
    sessions = read_one("sessions.csv", '"Day","Online store visitors","Sessions"\n"2026-01-01",10,12\n')
    assert (sessions.platform, sessions.totals, sessions.frame["users"].to_list()) == (
        "shopify",
        {"sessions": 12},
        [10],
    )


def test_woocommerce_analytics(read_one):
    text = (
        "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),Net Sales,Attribution\n"
        '2026-01-05 10:00:00,1164,"৳2,999",completed,Ann Invented,new,"1× Widget, 2× Gadget",3,,2999,Organic: Google\n'
        '1/6/2026 9:05,1165,"৳100",failed,Bob Invented,returning,1× Widget,1,,100,Direct\n'
    )
    table = read_one("woo.csv", text, Answers(currency="BDT", date_order="mdy"))
    assert (table.platform, table.rows, table.currency) == ("woocommerce", 1, "BDT")
    assert table.totals == {"orders": 1, "revenue_gross": 2999, "revenue_net": 2999}
    row = table.frame.row(0, named=True)
    assert (row["source"], row["medium"], row["customer_type"], row["items"]) == (
        "google",
        "organic",
        "new",
        3,
    )
    assert "Invented" not in repr(table.as_dict())
    assert any("failed" in note for note in table.notes)


def test_woocommerce_plugin_file(read_one):
    text = "order_id,order_date,order_status,customer_id,billing_email,order_total,cart_discount,order_currency,order_shipping\n7,2026-01-05 10:00:00,wc-completed,0,x@example.com,50.00,5.00,EUR,4.90\n"
    table = read_one("woo.csv", text)
    assert table.totals == {
        "orders": 1,
        "revenue_gross": 55,
        "discounts": 5,
        "revenue_net": 50,
        "shipping": Decimal("4.9"),
    }


def test_hubspot_counts_won_deals(read_one):
    text = (
        "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Pipeline,Create Date,Is closed lost\n"
        "1,Big,Closed won,2026-12-01 00:00,Ann Invented,1000,Sales,2026-10-01 00:00,false\n2,Open,Qualified to buy,,Ann Invented,,Sales,2026-10-01 00:00,false\n"
        "3,Lost,Closed lost,2026-12-02 00:00,Ann Invented,500,Sales,2026-10-01 00:00,true\n"
    )
    table = read_one("deals.csv", text)
    assert (table.platform, table.report, table.rows, table.totals["revenue_net"]) == (
        "hubspot",
        "deals",
        1,
        1000,
    )
    assert table.problems == []
    assert "Ann" not in repr(table.as_dict())
    assert [question.kind for question in table.questions] == ["currency", "account"]


def test_hubspot_with_internal_names(read_one):
    table = read_one(
        "d.csv",
        "hs_object_id,dealname,dealstage,closedate,amount\n1,A,closedwon,2026-12-01 00:00,10\n2,B,qualifiedtobuy,2026-12-01 00:00,10\n",
    )
    assert (table.rows, table.totals["orders"]) == (1, 1)


STRIPE = "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Converted Currency,Fee,Mode,Status,Customer ID,Customer Email,Card Address Country\n"


def test_stripe_keeps_charge_currencies_apart_and_drops_tests(read_one):
    text = STRIPE + (
        "ch_1,2026-06-07 02:38:54,15.00,5.00,usd,true,13.80,eur,0.40,Live,Refunded,cus_1,b@example.com,US\n"
        "ch_2,2026-06-07 03:38:54,9.00,0.00,eur,true,9.00,eur,0.30,Live,Paid,cus_2,c@example.com,DE\n"
        "ch_3,2026-06-07 04:38:54,9.00,0.00,eur,false,,,,Live,Failed,cus_2,c@example.com,DE\n"
        "ch_4,2026-06-07 04:38:54,9.00,0.00,eur,true,9.00,eur,0.30,Test,Paid,cus_2,c@example.com,DE\n"
    )
    table = read_one("unified_payments.csv", text)
    assert (table.platform, table.rows, table.currency, table.time_zone) == ("stripe", 2, None, "UTC")
    assert table.totals == {"orders": 2}
    assert table.totals_by_currency["USD"]["revenue_net"] == 10
    assert table.totals_by_currency["EUR"]["revenue_net"] == 9
    assert table.frame["fees"].to_list() == [None, Decimal("0.3")]
    assert table.frame["country"].to_list() == ["US", "DE"]
    assert "example.com" not in repr(table.as_dict())


def test_stripe_older_export(read_one):
    table = read_one(
        "payments.csv",
        "id,Description,Created (UTC),Amount,Amount Refunded,Currency,Customer Email,Captured,Card Brand,Status\nch_1,x,2019-06-07 02:38,15.00,0.00,gbp,b@example.com,TRUE,Visa,Paid\n",
    )
    assert (table.platform, table.currency, table.totals["revenue_net"]) == ("stripe", "GBP", 15)


def test_payments_without_ids_get_stable_keys(read_one):
    text = "Created date (UTC);Amount;Currency;Captured;Status;Converted Currency;Customer ID\n2024-06-07 02:38:54;15.00;usd;TRUE;Paid;thb;cus_1\n2024-06-07 02:38:54;15.00;usd;TRUE;Paid;thb;cus_1\n"
    first, again = (read_one("p.csv", text).frame["order_key"].to_list() for _ in range(2))
    assert first == again
    assert len(set(first)) == 2
