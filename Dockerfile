# The executable on a base without a shell. Both bases are pinned by digest; a build argument names a newer one:
#   docker build --build-arg COMMIT=$(git rev-parse HEAD) --build-arg COMMIT_DATE=$(git log -1 --format=%cI) -t nozama .
ARG BUILD_IMAGE=docker.io/library/node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
ARG BASE_IMAGE=gcr.io/distroless/base-debian12:nonroot@sha256:7f0c72cd138b442ae0deeb69c08b1acf5525439ba251a49ad93c320a061567e5

# On the platform of the building machine: Bun builds for other platforms too, so nothing is emulated.
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /build
# runtimes/bun has Bun for every platform; no package needs to run a script at its installation.
COPY package.json package-lock.json ./
COPY runtimes/bun/package.json runtimes/bun/package-lock.json runtimes/bun/.npmrc runtimes/bun/
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && \
    npm ci --prefix runtimes/bun --ignore-scripts --no-audit --no-fund
COPY src src
COPY scripts/dist.ts scripts/
# The builder sets the target platform. A default here would override it.
ARG TARGETARCH
ARG COMMIT
ARG COMMIT_DATE
RUN PLATFORMS="linux-$(echo "$TARGETARCH" | sed s/amd64/x64/)" \
    runtimes/bun/node_modules/@oven/bun-linux-"$(uname -m | sed s/x86_64/x64/)"/bin/bun --no-env-file scripts/dist.ts && \
    mkdir -p /image/data /image/backups /image/metrics && mv dist/nozama-linux-* /image/nozama

FROM ${BASE_IMAGE}
ARG COMMIT
ARG COMMIT_DATE
LABEL org.opencontainers.image.title="Nozama" \
      org.opencontainers.image.description="Takes product orders: fast at the peak, none lost or doubled, no stock sold that isn't there." \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.created="${COMMIT_DATE}"
COPY --from=build --chown=0:0 --chmod=0555 /image/nozama /usr/local/bin/nozama
COPY --from=build --chown=65532:65532 --chmod=0750 /image/data /data
# compose.yaml mounts volumes for backups and their metrics here. A new volume takes owner and mode from these folders; other
# users read the metrics.
COPY --from=build --chown=65532:65532 --chmod=0700 /image/backups /backups
COPY --from=build --chown=65532:65532 --chmod=0755 /image/metrics /metrics
# Log lines go to the standard output; the container engine keeps and rotates them.
ENV HOST=0.0.0.0 \
    PORT=5000 \
    DATABASE_URL=sqlite:/data/nozama.db \
    LOG_FILE=""
WORKDIR /data
USER 65532:65532
EXPOSE 5000
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["/usr/local/bin/nozama", "health"]
ENTRYPOINT ["/usr/local/bin/nozama"]
CMD ["serve"]
