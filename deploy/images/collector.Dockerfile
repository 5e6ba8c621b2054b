# The collector comes without any other program; a check of its port needs one.
FROM busybox:1.37-musl AS tools

FROM otel/opentelemetry-collector-contrib:0.158.0
COPY --from=tools /bin/busybox /busybox
USER 10001:10001
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["/busybox", "nc", "-z", "127.0.0.1", "4318"]
