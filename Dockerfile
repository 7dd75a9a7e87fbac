# Build:  docker build -t siguiente .
# Run:    docker run --read-only -p 8080:8080 -v siguiente:/data siguiente
#
# The first start prints the code with which /setup makes the office (`docker logs`). Inside the container the server listens on every address, and
# without encryption: publish the port to networks you trust, or to a proxy with https (docs/operations.md).

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
# For SQLite, which is compiled in.
# hadolint ignore=DL3008
RUN command -v cc >/dev/null || { apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*; }
COPY . .
# The binary leaves the cached folder in the same step: the cache is no part of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin siguiente && \
    cp target/release/siguiente /siguiente && \
    strip --strip-debug /siguiente && \
    mkdir /data

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="siguiente" \
      org.opencontainers.image.description="A real-time ticket queue: kiosk, desk and display from one binary with an embedded database" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build --chmod=0755 /siguiente /usr/local/bin/siguiente
# A new volume takes the owner of the folder that it is mounted on.
COPY --from=build --chown=10001:10001 --chmod=0750 /data /data
ENV SIGUIENTE_BIND=0.0.0.0:8080 \
    SIGUIENTE_DATA=/data
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["/usr/local/bin/siguiente", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/siguiente"]
