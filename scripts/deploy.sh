#!/bin/sh
# Deploys an image to the staging slot of the Azure web app, tries it there, swaps the slots, tries it again, and swaps back
# when it does not work in production. deploy/azure makes the app itself; `az` must be logged in.
#
#   RESOURCE_GROUP=… WEBAPP=… IMAGE=ghcr.io/…@sha256:… COMMIT=… scripts/deploy.sh
#
# COMMIT is the commit of the image: the old container answers until the new one has started, and would pass the tests instead.
set -eu
cd "$(dirname "$0")/.."
for name in RESOURCE_GROUP WEBAPP IMAGE COMMIT; do
  eval "value=\${$name:-}"
  if [ -z "$value" ]; then
    echo "$name must be set: RESOURCE_GROUP=… WEBAPP=… IMAGE=… COMMIT=… make deploy" >&2
    exit 2
  fi
done
case $IMAGE in
  *@sha256:*) ;;
  *)
    echo "IMAGE must name its digest, such as ghcr.io/nozama/nozama@sha256:…: a tag may change between trying and swapping." >&2
    exit 2
    ;;
esac
if ! echo "$COMMIT" | grep -qxE '[0-9a-f]{40}'; then
  echo "COMMIT must be 40 hexadecimal digits: see the image's label org.opencontainers.image.revision." >&2
  exit 2
fi
slot=${SLOT:-staging}
staging_url=${STAGING_URL:-https://$WEBAPP-$slot.azurewebsites.net}
production_url=${PRODUCTION_URL:-https://$WEBAPP.azurewebsites.net}

swap() {
  az webapp deployment slot swap --resource-group "$RESOURCE_GROUP" --name "$WEBAPP" --slot "$slot" --target-slot production --output none
}

echo "Putting $IMAGE into the slot $slot …"
az webapp config container set --resource-group "$RESOURCE_GROUP" --name "$WEBAPP" --slot "$slot" \
  --container-image-name "$IMAGE" --output none
az webapp restart --resource-group "$RESOURCE_GROUP" --name "$WEBAPP" --slot "$slot" --output none
EXPECT_COMMIT=$COMMIT scripts/smoke-test.sh "$staging_url"

echo "Swapping …"
swap
if EXPECT_COMMIT=$COMMIT scripts/smoke-test.sh "$production_url"; then
  echo "$IMAGE is in production. The version before it is in the slot $slot: swap again to go back."
else
  echo "It does not work in production: swapping back …" >&2
  swap
  READY_SECONDS=${READY_SECONDS:-120} scripts/smoke-test.sh "$production_url" || echo "The version before it does not work either." >&2
  exit 1
fi
