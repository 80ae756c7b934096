"""The part of Shopify's Admin GraphQL schema 2026-10 that a reader of orders needs, and what a query costs.

Objects cost 1, connections 2 and their nodes, money and other small values nothing; a connection inside a
node counts a tenth of its size. Shopify does not publish the exact weights: these are of its order.
"""

from __future__ import annotations

import math
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    build_schema,
)

MOST = 1_000
"""Points that one query may cost."""
_FREE = {"shopMoney", "presentmentMoney", "utmParameters", "pageInfo", "edges", "nodes", "node", "accessScopes", "plan",
         "primaryDomain", "userErrors", "marketingEvent"}  # fmt: skip

SCHEMA = build_schema('''
scalar DateTime
scalar Decimal
scalar URL
scalar UnsignedInt64
enum CurrencyCode { EUR USD GBP SEK }
enum OrderSortKeys { CREATED_AT ID ORDER_NUMBER PROCESSED_AT UPDATED_AT }
enum OrderDisplayFinancialStatus { AUTHORIZED EXPIRED PAID PARTIALLY_PAID PARTIALLY_REFUNDED PENDING REFUNDED VOIDED }
enum OrderDisplayFulfillmentStatus { FULFILLED UNFULFILLED PARTIALLY_FULFILLED }
enum OrderCancelReason { CUSTOMER DECLINED FRAUD INVENTORY OTHER STAFF }
enum BulkOperationStatus { CANCELED CANCELING COMPLETED CREATED EXPIRED FAILED RUNNING }
enum BulkOperationErrorCode { ACCESS_DENIED INTERNAL_SERVER_ERROR TIMEOUT }
enum BulkOperationType { MUTATION QUERY }
enum RefundRestockType { CANCEL LEGACY_RESTOCK NO_RESTOCK RETURN }
type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type ShopPlan { publicDisplayName: String! partnerDevelopment: Boolean! shopifyPlus: Boolean! }
type Domain { url: URL! host: String! }
type Shop { id: ID! name: String! email: String! myshopifyDomain: String! currencyCode: CurrencyCode! ianaTimezone: String!
  timezoneOffset: String! timezoneAbbreviation: String! plan: ShopPlan! primaryDomain: Domain! createdAt: DateTime! }
type AccessScope { handle: String! description: String! }
type App { id: ID! name: String! handle: String }
type AppInstallation { id: ID! accessScopes: [AccessScope!]! }
type Attribute { key: String! value: String }
type MailingAddress { countryCodeV2: String provinceCode: String city: String country: String }
type Customer { id: ID! numberOfOrders: UnsignedInt64! createdAt: DateTime! legacyResourceId: UnsignedInt64! }
enum CountPrecision { AT_LEAST EXACT }
type Count { count: Int! precision: CountPrecision! }
type UTMParameters { source: String medium: String campaign: String content: String term: String }
type MarketingEvent { id: ID! }
type CustomerVisit { id: ID! occurredAt: DateTime! landingPage: URL referrerUrl: URL referralCode: String source: String!
  sourceType: String sourceDescription: String marketingEvent: MarketingEvent utmParameters: UTMParameters }
type CustomerVisitConnection { edges: [CustomerVisitEdge!]! nodes: [CustomerVisit!]! pageInfo: PageInfo! }
type CustomerVisitEdge { cursor: String! node: CustomerVisit! }
type CustomerJourneySummary { ready: Boolean! customerOrderIndex: Int daysToConversion: Int momentsCount: Count
  firstVisit: CustomerVisit lastVisit: CustomerVisit moments(first: Int, after: String): CustomerVisitConnection }
type Product { id: ID! title: String! productType: String! vendor: String! }
type ProductVariant { id: ID! sku: String title: String! }
type LineItem { id: ID! name: String! title: String! sku: String quantity: Int! currentQuantity: Int! originalTotalSet: MoneyBag!
  discountedTotalSet: MoneyBag! originalUnitPriceSet: MoneyBag! vendor: String product: Product variant: ProductVariant
  isGiftCard: Boolean! customAttributes: [Attribute!]! }
type LineItemConnection { edges: [LineItemEdge!]! nodes: [LineItem!]! pageInfo: PageInfo! }
type LineItemEdge { cursor: String! node: LineItem! }
type RefundLineItem { id: ID quantity: Int! subtotalSet: MoneyBag! totalTaxSet: MoneyBag! restockType: RefundRestockType! lineItem: LineItem! }
type RefundLineItemConnection { edges: [RefundLineItemEdge!]! nodes: [RefundLineItem!]! pageInfo: PageInfo! }
type RefundLineItemEdge { cursor: String! node: RefundLineItem! }
type Refund { id: ID! legacyResourceId: UnsignedInt64! createdAt: DateTime processedAt: DateTime updatedAt: DateTime! note: String
  totalRefundedSet: MoneyBag! refundLineItems(first: Int, after: String): RefundLineItemConnection! }
type OrderAttribution { handle: String displayName: String }
type Order { id: ID! legacyResourceId: UnsignedInt64! name: String! number: Int! createdAt: DateTime! processedAt: DateTime!
  updatedAt: DateTime! cancelledAt: DateTime cancelReason: OrderCancelReason closedAt: DateTime test: Boolean! confirmed: Boolean!
  edited: Boolean! sourceName: String sourceIdentifier: String registeredSourceUrl: URL cartToken: String checkoutToken: String
  displayFinancialStatus: OrderDisplayFinancialStatus displayFulfillmentStatus: OrderDisplayFulfillmentStatus!
  totalPriceSet: MoneyBag! currentTotalPriceSet: MoneyBag! subtotalPriceSet: MoneyBag currentSubtotalPriceSet: MoneyBag!
  totalDiscountsSet: MoneyBag currentTotalDiscountsSet: MoneyBag! totalShippingPriceSet: MoneyBag! totalTaxSet: MoneyBag
  currentTotalTaxSet: MoneyBag! taxesIncluded: Boolean! totalRefundedSet: MoneyBag! netPaymentSet: MoneyBag!
  totalReceivedSet: MoneyBag! totalTipReceivedSet: MoneyBag! currencyCode: CurrencyCode! presentmentCurrencyCode: CurrencyCode!
  refunds(first: Int): [Refund!]! lineItems(first: Int, after: String): LineItemConnection! customer: Customer customerLocale: String
  shippingAddress: MailingAddress billingAddress: MailingAddress discountCode: String discountCodes: [String!]!
  customAttributes: [Attribute!]! attribution: OrderAttribution app: App customerJourneySummary: CustomerJourneySummary
  tags: [String!]! note: String }
type OrderConnection { edges: [OrderEdge!]! nodes: [Order!]! pageInfo: PageInfo! }
type OrderEdge { cursor: String! node: Order! }
type BulkOperation { id: ID! status: BulkOperationStatus! errorCode: BulkOperationErrorCode createdAt: DateTime! completedAt: DateTime
  objectCount: UnsignedInt64! rootObjectCount: UnsignedInt64! fileSize: UnsignedInt64 url: URL partialDataUrl: URL query: String!
  type: BulkOperationType! }
type BulkOperationUserError { field: [String!] message: String! code: String }
type BulkOperationRunQueryPayload { bulkOperation: BulkOperation userErrors: [BulkOperationUserError!]! }
type BulkOperationCancelPayload { bulkOperation: BulkOperation userErrors: [BulkOperationUserError!]! }
type Query {
  shop: Shop!
  currentAppInstallation: AppInstallation!
  order(id: ID!): Order
  orders(first: Int, last: Int, after: String, before: String, query: String, sortKey: OrderSortKeys = PROCESSED_AT,
    reverse: Boolean = false): OrderConnection!
  ordersCount(limit: Int = 10000, query: String, savedSearchId: ID): Count
  bulkOperation(id: ID!): BulkOperation
  currentBulkOperation(type: BulkOperationType = QUERY): BulkOperation @deprecated(reason: "Use `bulkOperation` instead.")
}
type Mutation {
  bulkOperationRunQuery(query: String!, groupObjects: Boolean = false): BulkOperationRunQueryPayload
  bulkOperationCancel(id: ID!): BulkOperationCancelPayload
}
''')  # fmt: skip
"""Field names and types as the published schema has them, without the hundreds that nobody reads here."""


def cost(document: DocumentNode, operation: OperationDefinitionNode, variables: dict[str, Any]) -> int:
    """What Shopify would reserve for a query before it runs."""
    pieces = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    base = 10 if operation.operation.value == "mutation" else 0
    return base + _weigh(operation.selection_set, pieces, variables, 0)


def _weigh(
    selected: SelectionSetNode,
    pieces: dict[str, FragmentDefinitionNode],
    variables: dict[str, Any],
    depth: int,
) -> int:
    total = 0
    for one in selected.selections:
        if isinstance(one, FragmentSpreadNode):
            if one.name.value in pieces:
                total += _weigh(pieces[one.name.value].selection_set, pieces, variables, depth)
        elif isinstance(one, FieldNode) and one.selection_set:
            name = one.name.value
            size = _size(one, variables)
            inner = _weigh(one.selection_set, pieces, variables, depth + 1)
            if size is not None:
                total += 2 + size * (1 + inner) if depth == 0 else 1 + math.ceil(size / 10)
            elif name in _FREE or name.endswith("Set"):
                total += inner
            else:
                total += 1 + inner
    return total


def _size(field: FieldNode, variables: dict[str, Any]) -> int | None:
    """How many nodes a connection asks for; None for other fields."""
    for argument in field.arguments or ():
        if argument.name.value in {"first", "last"}:
            if isinstance(argument.value, VariableNode):
                return int(variables.get(argument.value.name.value) or 0)
            if isinstance(argument.value, IntValueNode):
                return int(argument.value.value)
    return None
