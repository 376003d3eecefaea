# The image is one binary with two names, and nothing else: no shell, no package, no root. The binary is built before (hack/image.sh),
# so no other image is pulled and the same commit gives the same digest.
FROM scratch

# Set by the builder to the architecture of the image.
ARG TARGETARCH
ARG VERSION
ARG REVISION

LABEL org.opencontainers.image.title="Plimsoll" \
      org.opencontainers.image.description="Scrapes kubelets and serves the Kubernetes resource metrics API" \
      org.opencontainers.image.source="https://github.com/plimsoll/plimsoll" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# /plimsoll, and a hard link to it, /metrics-server, for manifests of metrics-server that name the command.
COPY --chmod=0755 dist/linux-${TARGETARCH}/ /

# So that a manifest may name the command without its folder.
ENV PATH=/

USER 65532:65532
EXPOSE 10250/tcp
ENTRYPOINT ["/plimsoll"]
