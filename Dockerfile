# Switchboard as one static binary in an empty image: no shell, no package manager, no libc to patch.
#
#   docker build -t switchboard .
#   docker run --rm -p 127.0.0.1:8000:8000 -e SWITCHBOARD__AUTH__MODE=off switchboard
#
# The base is fixed by its tag here and by its digest in the pipeline, which resolves it once, passes it as RUST_DIGEST
# and records it in the image's labels and provenance. Everything else is fixed by Cargo.lock.

ARG RUST_IMAGE=docker.io/library/rust:1.95-bookworm
ARG RUST_DIGEST=

# --- build: needs only cargo and a C compiler (SQLite and ring are compiled from source)
FROM ${RUST_IMAGE}${RUST_DIGEST:+@}${RUST_DIGEST} AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /build

# The paths of this stage stay out of the binary, so that it depends on the source alone.
ENV CARGO_INCREMENTAL=0 \
    CARGO_TERM_COLOR=never \
    RUSTFLAGS="--remap-path-prefix=/build=/switchboard --remap-path-prefix=/usr/local/cargo=/cargo"

# Dependencies first, against empty sources: this layer changes when they, their settings or the profile do, not with every edit.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY profile profile
COPY scripts/build-dist scripts/build-dist
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    mkdir -p src benches \
    && echo 'fn main() {}' > src/main.rs && touch src/lib.rs \
    && sed -n '/^\[\[bench\]\]/,/^$/s/^name = "\(.*\)"$/\1/p' Cargo.toml \
       | while read -r bench; do echo 'fn main() {}' > "benches/${bench}.rs"; done \
    && scripts/build-dist \
    && rm -rf src benches

COPY . .
# The empty sources above are younger than the real ones; cargo goes by age.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    find src -name '*.rs' -exec touch {} + \
    && binary="$(scripts/build-dist)" \
    && install -D -m 0755 "${binary}" /image/switchboard

# What a program expects to find: its own user, and how names are looked up. Certificate authorities are compiled in; further ones are a
# setting of whatever calls out (delivery.ca_file, llm.connection.ca_file, ...).
RUN mkdir -p /image/etc /image/data \
    && echo 'nonroot:x:65532:65532:nonroot:/data:/sbin/nologin' > /image/etc/passwd \
    && echo 'nonroot:x:65532:' > /image/etc/group \
    && echo 'hosts: files dns' > /image/etc/nsswitch.conf

# --- the image
FROM scratch

ARG VERSION=0.0.0-dev
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG RUST_IMAGE
ARG RUST_DIGEST
LABEL org.opencontainers.image.title="Switchboard" \
      org.opencontainers.image.description="Classifies customer messages and starts the workflow each one needs" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${RUST_IMAGE}" \
      org.opencontainers.image.base.digest="${RUST_DIGEST}"

COPY --from=build /image/etc /etc
COPY --from=build /image/switchboard /switchboard
# The one place it writes to when it keeps its records in SQLite; a volume, because the root is read-only.
COPY --from=build --chown=65532:65532 /image/data /data
VOLUME ["/data"]

# Inside a container, loopback is nobody. Who may call must then be chosen: the service refuses to start without.
# There is no /tmp; what SQLite spills while it sorts goes where its file is.
ENV SWITCHBOARD__SERVER__HOST=0.0.0.0 \
    SQLITE_TMPDIR=/data

USER 65532:65532
WORKDIR /
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 CMD ["/switchboard", "health"]
ENTRYPOINT ["/switchboard"]
CMD ["serve"]
