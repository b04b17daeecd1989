"""
Hooks of schemathesis, loaded by scripts/test-openapi.ts.

A schema says which requests are well formed, but not which products the shop has, nor which keys have made an order, nor in which
order a list was when it gave a cursor. A request that is to be accepted gets a product that exists, one key, which no request had
before, and a cursor of the order that it asks for. SHOP_URL is the service.
"""

import itertools
import os

import requests
import schemathesis

_numbers = itertools.count()
_used_keys: set[str] = set()


def _list_products(**query) -> dict:
    return requests.get(f"{os.environ['SHOP_URL']}/api/v1/products", params=query, timeout=10).json()


_products = _list_products(limit=100)["products"]
_active = [product for product in _products if product["active"]]
_skus = {product["sku"] for product in _active}
_names = {product["name"] for product in _active}
_cursors = {sort: _list_products(limit=1, sort=sort)["next_cursor"] for sort in (None, "name", "newest", "cheapest")}


@schemathesis.hook
def before_call(context, case, kwargs):
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    if case.operation.label == "GET /api/v1/products" and case.query and "cursor" in case.query:
        _fit_cursor(case.query)
    headers = case.headers or {}
    _renew_key(headers, "Idempotency-Key")
    if isinstance(case.body, dict):
        _name_products(case.body)
        _renew_key(case.body, "idempotency_key")
        # A form may have its key in both places, but only one key.
        if case.body.get("idempotency_key") and headers.get("Idempotency-Key"):
            case.body["idempotency_key"] = headers["Idempotency-Key"]


# A cursor of a sorted list begins with its order and a dot, and one of the list by SKU has no dot.
def _fit_cursor(query: dict) -> None:
    is_search = any(name in query for name in ("q", "category", "sort"))
    fitting = _cursors[query.get("sort", "name") if is_search else None]
    if query["cursor"].rpartition(".")[0][:2] != fitting.rpartition(".")[0][:2]:
        query["cursor"] = fitting


def _next_product() -> dict:
    return _active[next(_numbers) % len(_active)]


# So many units in each of 50 lines of one product are as many as one order may have of it.
_units_of_line_max = 200


def _name_products(order: dict) -> None:
    if "product_name" in order and order["product_name"] not in _names:
        order["product_name"] = _next_product()["name"]
    # A form names its product by SKU, too; an empty one counts as left out.
    if order.get("sku") and order["sku"] not in _skus:
        order["sku"] = _next_product()["sku"]
    lines = order.get("lines") or []
    for line in lines:
        if line["sku"] not in _skus:
            line["sku"] = _next_product()["sku"]
        # Lines of one product are added up, which no schema can bound; a movement of stock has units instead.
        if len(lines) > 1 and "quantity" in line:
            line["quantity"] = min(line["quantity"], _units_of_line_max)


def _renew_key(fields, name: str) -> None:
    key = fields.get(name)
    if not isinstance(key, str) or key == "":
        return
    # Quoted and bare spell the same key.
    if key.strip('"') in _used_keys:
        key = f"schemathesis-{next(_numbers)}"
        fields[name] = key
    _used_keys.add(key.strip('"'))
