#!/bin/sh
# Checks that the shop at a URL works, and changes nothing in it. Usage: scripts/smoke-test.sh https://shop.example
#
# It waits up to READY_SECONDS (120) until the shop can take orders, then reads the pages that shoppers and integrators see
# first. With PLACE_ORDER=true it also orders one unit of the first product in stock and reads the order's page: use it only
# where one more order does no harm. With EXPECT_COMMIT=… (40 hexadecimal digits) it waits until the executable of that
# commit is ready, and fails otherwise: App Service lets the old container answer while the new one starts.
set -eu
url=${1:?Usage: scripts/smoke-test.sh URL}
url=${url%/}
ready_seconds=${READY_SECONDS:-120}
commit=${EXPECT_COMMIT:-}
body=$(mktemp)
trap 'rm -f "$body"' EXIT

# Usage: fetch PATH [curl's options]: the status, with the body in $body.
fetch() {
  path=$1
  shift
  curl --silent --show-error --max-time 20 --output "$body" --write-out '%{http_code}' "$@" "$url$path" || true
}

# Usage: expect STATUS PATTERN PATH [curl's options]
expect() {
  status=$1 pattern=$2
  shift 2
  found=$(fetch "$@")
  if [ "$found" != "$status" ]; then
    echo "FAIL $1: $found instead of $status: $(head -c 300 "$body")" >&2
    exit 1
  fi
  if ! grep -q -- "$pattern" "$body"; then
    echo "FAIL $1: nothing like $pattern in: $(head -c 300 "$body")" >&2
    exit 1
  fi
  echo "  ok $1"
}

# One answer tells both: whether it can take orders, and its commit.
pattern='"status":"ready"'
[ -z "$commit" ] || pattern="\"commit\":\"$commit\""
deadline=$(($(date +%s) + ready_seconds))
until status=$(fetch /readyz 2>/dev/null) && [ "$status" = 200 ] && grep -q "$pattern" "$body"; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    if [ "$status" = 200 ] && [ -n "$commit" ]; then
      echo "FAIL /readyz: ready, but not $commit within $ready_seconds s: $(head -c 1000 "$body")" >&2
    else
      echo "FAIL /readyz: not ready within $ready_seconds s" >&2
    fi
    exit 1
  fi
  sleep 1
done
echo "  ok /readyz${commit:+ of $commit}"
expect 200 '<form' /
expect 200 '"sku":' /api/v1/products
expect 200 '"openapi":' /openapi.json
expect 200 '' /api/v1/states/TX/top-products
expect 404 '' /orders/00000000-0000-7000-8000-000000000000
# Once more: another container must not have answered in between.
expect 200 "$pattern" /readyz

if [ "${PLACE_ORDER:-false}" = true ]; then
  fetch '/api/v1/products?limit=100' >/dev/null
  sku=$(sed 's/"sku":/\n&/g' "$body" | grep '^"sku":' | grep -v '"num_in_stock":0,' | sed -n 's/^"sku":"\([^"]*\)".*/\1/p' | head -1)
  key="smoke-$(date +%s)-$$"
  order='{"customer_name":"Smoke Test","street_address":"1 Test Street","state":"TX","zip_code":"73301","lines":[{"sku":"'$sku'","quantity":1}]}'
  expect 201 '"confirmation_url":' /api/v1/orders --header 'content-type: application/json' --header "idempotency-key: $key" --data "$order"
  page=$(sed -n 's/.*"confirmation_url":"\([^"]*\)".*/\1/p' "$body" | sed 's#^https\{0,1\}://[^/]*##')
  expect 200 'Smoke Test' "$page"
  expect 201 '"confirmation_url":' /api/v1/orders --header 'content-type: application/json' --header "idempotency-key: $key" --data "$order"
fi
echo "The shop at $url works."
