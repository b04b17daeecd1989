"""
Hooks of schemathesis, loaded by scripts/test-openapi.ts.

A schema says which requests are well formed. It does not say which products the shop has, which keys have made an order, in which
order a list was when it gave a cursor, or how far an order has come. So a request that is to be accepted gets a product that exists,
an order that allows the step, a key that no request had before, and a cursor of the order that it asks for. Orders and changes of
the catalogue name different products, so that a change never makes an order invalid.

SHOP_URL is the service, SHOP_API_KEY a key with all scopes.
"""

import base64
import datetime
import itertools
import os

import requests
import schemathesis

_url = os.environ["SHOP_URL"]
_session = requests.Session()
_session.headers["Authorization"] = f"Bearer {os.environ['SHOP_API_KEY']}"
_numbers = itertools.count()
_used_texts: set[str] = set()


def _get(path: str, **query) -> dict:
    return _answer_of(_session.get(f"{_url}{path}", params=query, timeout=10))


def _post(path: str, body: dict, **headers) -> dict:
    return _answer_of(_session.post(f"{_url}{path}", json=body, headers=headers, timeout=10))


def _answer_of(response: requests.Response) -> dict:
    response.raise_for_status()
    return response.json()


_active = [product for product in _get("/api/v1/products", limit=100)["products"] if product["active"]]
_skus = {product["sku"] for product in _active}
_names = {product["name"] for product in _active}
_cursors = {
    sort: _get("/api/v1/products", limit=1, sort=sort)["next_cursor"] for sort in (None, "name", "newest", "cheapest")
}
_own_key_id = _get("/api/v1/api-keys")["api_keys"][0]["key_id"]

# The product that changes of the catalogue and the stock are made of.
_changed_sku = "schemathesis"
_answer_of(
    _session.put(
        f"{_url}/api/v1/products/{_changed_sku}",
        json={"name": "Schemathesis", "price": {"amount": 100, "currency": "USD"}},
        timeout=10,
    )
)


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.label
    path = case.path_parameters or {}
    # The run goes on with its own key.
    if path.get("key_id") == _own_key_id:
        path["key_id"] = _key_id_to_revoke()
    if _is_change(operation) and path.get("sku") in _skus:
        path["sku"] = _changed_sku
    # An operation that takes either key is called with the API key alone: the check of access would take this one for made up.
    if operation.endswith(("/cancel", "/events")) and case.headers:
        case.headers.pop("Order-Key", None)
    if not case.meta or not case.meta.generation.mode.is_positive:
        return
    if case.headers is None:
        case.headers = {}
    _renew_text(case.headers, "Idempotency-Key")
    if operation == "GET /api/v1/products" and case.query and "cursor" in case.query:
        _fit_cursor(case.query)
    elif "/orders/{order_id}" in operation:
        _fit_step(operation, case)
    elif _is_change(operation):
        _fit_change(operation, case)
        if operation.endswith("/image"):
            # Not as its body: what is no text counts as invalid there.
            kwargs["data"] = _picture
    elif operation == "POST /api/v1/products/import":
        case.body = _lists[case.media_type]
    elif operation == "POST /track":
        case.body = {"number": str(_number_to_track), "zip_or_email": _zip_code}
    elif "/stock/" in operation:
        _fit_movement(case.body)
    elif operation == "POST /api/v1/api-keys" and case.body.get("expires_at"):
        tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        case.body["expires_at"] = tomorrow.isoformat()
    elif isinstance(case.body, dict):
        _fit_order(case)


def _is_change(operation: str) -> bool:
    return "/products/{sku}" in operation and not operation.startswith("GET")


def _key_id_to_revoke() -> str:
    name = f"to-revoke-{next(_numbers)}"
    return _post("/api/v1/api-keys", {"name": name, "scopes": ["audit:read"]})["key_id"]


# A cursor of a sorted list begins with its order and a dot, and one of the list by SKU has no dot.
def _fit_cursor(query: dict) -> None:
    is_search = any(name in query for name in ("q", "category", "sort"))
    fitting = _cursors[query.get("sort", "name") if is_search else None]
    if query["cursor"].rpartition(".")[0][:2] != fitting.rpartition(".")[0][:2]:
        query["cursor"] = fitting


def _fit_order(case) -> None:
    _name_products(case.body)
    _renew_text(case.body, "idempotency_key")
    # A form may have its key in both places, but only one key.
    if case.body.get("idempotency_key") and case.headers.get("Idempotency-Key"):
        case.body["idempotency_key"] = case.headers["Idempotency-Key"]


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
    lines = order.get("lines", [])
    for line in lines:
        if line["sku"] not in _skus:
            line["sku"] = _next_product()["sku"]
        # Lines of one product are added up, which no schema can bound.
        if len(lines) > 1:
            line["quantity"] = min(line["quantity"], _units_of_line_max)


# As many units as a line of a step may have.
_units_of_order = 10_000


_zip_code = "78701"


def _placed(sku: str) -> dict:
    address = {"customer_name": "Ada Lovelace", "street_address": "12 Analytical Way", "state": "TX", "zip_code": _zip_code}
    return _post("/api/v1/orders", {**address, "lines": [{"sku": sku, "quantity": _units_of_order}]})


def _place_order(sku: str) -> str:
    return _placed(sku)["order_id"]


_number_to_track = _placed(_next_product()["sku"])["number"]
_order_to_read = _place_order(_next_product()["sku"])


# An order that allows the step, and lines of its one product.
def _fit_step(operation: str, case) -> None:
    if operation.startswith("GET"):
        case.path_parameters["order_id"] = _order_to_read
        return
    sku = _next_product()["sku"]
    order_id = _place_order(sku)
    steps = f"/api/v1/orders/{order_id}"
    any_version = {"If-Match": "*"}
    if operation.endswith(("/shipments", "/deliver", "/returns")):
        _post(f"{steps}/pack", {}, **any_version)
    if operation.endswith(("/deliver", "/returns")):
        _post(f"{steps}/shipments", {"carrier": "UPS"}, **any_version)
    case.path_parameters["order_id"] = order_id
    if "shipment" in case.path_parameters:
        case.path_parameters["shipment"] = "1"
    if "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    # No product twice, which no schema can say.
    if isinstance(case.body, dict) and case.body.get("lines"):
        case.body["lines"] = [{**case.body["lines"][0], "sku": sku}]


def _fit_change(operation: str, case) -> None:
    if operation.startswith("PUT") and not operation.endswith("/image") and "If-Match" not in case.headers:
        case.path_parameters["sku"] = f"{_changed_sku}-{next(_numbers)}"
        return
    case.path_parameters["sku"] = _changed_sku
    case.headers.pop("If-None-Match", None)
    case.headers["If-Match"] = "*"


# A PNG of one pixel: a picture is recognized by its content.
_picture = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

_lists = {
    "text/csv": f"sku,name,price\n{_changed_sku},Schemathesis,1.00\n",
    "application/x-ndjson": f'{{"sku":"{_changed_sku}","name":"Schemathesis","price":"1.00"}}\n',
}


# One line, because none but the first of a product may have the same reference; far from the most that can be in stock.
def _fit_movement(movement: dict) -> None:
    _renew_text(movement, "reference")
    line = movement["lines"][0]
    units = max(-1_000_000, min(line["units"], 1_000_000))
    movement["lines"] = [{"sku": _changed_sku, "units": units}]


def _renew_text(fields, name: str) -> None:
    text = fields.get(name)
    if not isinstance(text, str) or text == "":
        return
    # Quoted and bare spell the same key.
    if text.strip('"') in _used_texts:
        text = f"schemathesis-{next(_numbers)}"
        fields[name] = text
    _used_texts.add(text.strip('"'))
