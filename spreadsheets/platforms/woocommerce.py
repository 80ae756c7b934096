"""WooCommerce: Analytics › Orders download, and the order-export plugins' snake_case files.

`N. Revenue (formatted)` is text with symbol and separators, `Net Sales` the number. Header texts are
translated strings of the store's language.
"""

from __future__ import annotations

from spreadsheets.platforms._declaration import Platform

PLATFORM = Platform(
    slug="woocommerce",
    label="WooCommerce",
    kind="orders",
    report="orders",
    words={
        "en": {
            "placed_at": "Date | order_date | date_created | Order Date",
            "order_name": "Order # | order_number | Order Number",
            "order_key": "order_id | Order ID",
            "net": "Net Sales | Net sales",
            "formatted": "N. Revenue (formatted) | N. revenue (formatted)",
            "order_total": "order_total | total | Order Total Amount | Order Total",
            "subtotal": "order_subtotal | Order Subtotal Amount | cart_subtotal",
            "shipping": "order_shipping | shipping_total | Order Shipping Amount",
            "taxes": "order_tax | tax_total | total_tax | Order Total Tax Amount",
            "discounts": "cart_discount | discount_total | order_discount | Cart Discount Amount",
            "refunds": "order_refund | refunded_total | Order Refund Amount | refunded_amount",
            "currency": "order_currency | currency | Order Currency",
            "order_status": "Status | order_status | Order Status",
            "customer_name": "Customer",
            "customer_id": "customer_id | customer_user | Customer User ID",
            "email": "billing_email | customer_email | Email (Billing)",
            "country": "billing_country | shipping_country | Country Code (Billing)",
            "customer_type": "Customer type | Customer Type",
            "product_summary": "Product(s) | Products",
            "items": "Items sold | Items Sold",
            "coupon": "Coupon(s) | Coupons",
            "attribution": "Attribution | Origin",
            "payment_method": "payment_method | payment_method_title | Payment Method Title",
        },
        "de": {
            "placed_at": "Datum",
            "order_name": "Bestellung # | Bestellnr. | Bestellung Nr.",
            "net": "Nettoumsatz",
            "formatted": "N. Umsatz (formatiert)",
            "order_status": "Status",
            "customer_name": "Kunde",
            "customer_type": "Kundentyp",
            "product_summary": "Produkt(e) | Produkte",
            "items": "Verkaufte Artikel",
            "coupon": "Gutschein(e) | Gutscheine",
            "attribution": "Zuordnung | Attribution",
        },
        "es": {
            "placed_at": "Fecha",
            "order_name": "Pedido # | Nº de pedido | Pedido nº",
            "net": "Ventas netas",
            "order_status": "Estado",
            "customer_name": "Cliente",
            "customer_type": "Tipo de cliente",
            "product_summary": "Producto(s) | Productos",
            "items": "Artículos vendidos",
            "coupon": "Cupón(es) | Cupones",
            "attribution": "Atribución",
        },
        "fr": {
            "placed_at": "Date",
            "order_name": "Commande n° | N° de commande | Commande #",
            "net": "Ventes nettes",
            "order_status": "État",
            "customer_name": "Client",
            "customer_type": "Type de client",
            "product_summary": "Produit(s) | Produits",
            "items": "Articles vendus",
            "attribution": "Attribution",
        },
    },
    marks=(
        "N. Revenue (formatted) | Order # | Product(s) | Coupon(s) | Customer type | order_total | "
        "order_status | order_date | "
        "billing_email | order_currency | Order Total Amount | Customer User ID | Produkt(e) | "
        "Gutschein(e) | Producto(s) | Produit(s)"
    ),
    names=r"woocommerce|wc-orders",
    personal=r"^(customer|kunde|cliente|client)$|email|phone|first_name|last_name|address|_city|postcode|company|customer_note",
)
