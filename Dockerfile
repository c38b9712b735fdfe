# The images of the three services: docker build --target edge|data-plane|control-plane --build-arg TOOLPLANE_REVISION=$(git rev-parse HEAD) .
# They hold what was tested, as it is: Node strips the types. docs/how-to/deploy-on-kubernetes.md says how to pin the two
# images below by digest.
ARG BUILD_IMAGE=node:24.21.0-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

FROM ${BUILD_IMAGE} AS sources
WORKDIR /app
ENV CI=true
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages ./packages

# Made with a development tool, so apart from what runs.
FROM sources AS database-client
COPY tsconfig.base.json ./
COPY services/control-plane ./services/control-plane
RUN npx --yes pnpm@12.21.0 install --frozen-lockfile --ignore-scripts --dev --filter @toolplane/control-plane
RUN cd services/control-plane && node --run generate

# A package that has got no node_modules is none that the service needs.
FROM sources AS edge-files
COPY services/edge ./services/edge
RUN npx --yes pnpm@12.21.0 install --frozen-lockfile --ignore-scripts --prod --filter "@toolplane/edge..."
RUN for package in packages/*; do test -e "$package/node_modules" || rm -r "$package"; done

FROM sources AS data-plane-files
COPY services/data-plane ./services/data-plane
RUN npx --yes pnpm@12.21.0 install --frozen-lockfile --ignore-scripts --prod --filter "@toolplane/data-plane..."
RUN for package in packages/*; do test -e "$package/node_modules" || rm -r "$package"; done

FROM sources AS control-plane-files
COPY services/control-plane ./services/control-plane
RUN npx --yes pnpm@12.21.0 install --frozen-lockfile --ignore-scripts --prod --filter "@toolplane/control-plane..."
RUN for package in packages/*; do test -e "$package/node_modules" || rm -r "$package"; done
COPY --from=database-client /app/services/control-plane/src/generated ./services/control-plane/src/generated

# What browsers and people are sent is built, and only that is delivered.
FROM sources AS console-files
COPY tsconfig.base.json ./
COPY services/console ./services/console
RUN npx --yes pnpm@12.21.0 install --frozen-lockfile --ignore-scripts --filter "@toolplane/console..."
RUN cd services/console && node --run build

FROM sources AS cli-files
COPY tsconfig.base.json ./
RUN npx --yes pnpm@12.21.0 install --frozen-lockfile --ignore-scripts --filter "@toolplane/cli..."
# Part of the file, which goes around alone.
ARG TOOLPLANE_REVISION=
RUN cd packages/cli && node --run build

# Distroless: Node and nothing else, no shell. The user is named by number, so that Kubernetes knows it is not root.
FROM ${RUNTIME_IMAGE} AS edge
ARG TOOLPLANE_REVISION=unknown
LABEL org.opencontainers.image.title="Toolplane edge" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${TOOLPLANE_REVISION}"
# A larger young generation saves a tenth of the CPU per call.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=64 \
    TOOLPLANE_REVISION=${TOOLPLANE_REVISION}
WORKDIR /app
COPY --from=edge-files /app ./
USER 65532:65532
EXPOSE 8081 9081
ENTRYPOINT ["/nodejs/bin/node", "--conditions=toolplane-source", "--disable-warning=ExperimentalWarning"]
CMD ["services/edge/src/main.ts"]

FROM ${RUNTIME_IMAGE} AS data-plane
ARG TOOLPLANE_REVISION=unknown
LABEL org.opencontainers.image.title="Toolplane data plane" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${TOOLPLANE_REVISION}"
# Name look-ups and decompression share the threads.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=64 \
    UV_THREADPOOL_SIZE=64 \
    TOOLPLANE_REVISION=${TOOLPLANE_REVISION}
WORKDIR /app
COPY --from=data-plane-files /app ./
USER 65532:65532
EXPOSE 9082
ENTRYPOINT ["/nodejs/bin/node", "--conditions=toolplane-source", "--disable-warning=ExperimentalWarning"]
CMD ["services/data-plane/src/main.ts"]

# Also what migrates: its argument is then services/control-plane/src/migrate.ts.
FROM ${RUNTIME_IMAGE} AS control-plane
ARG TOOLPLANE_REVISION=unknown
LABEL org.opencontainers.image.title="Toolplane control plane" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${TOOLPLANE_REVISION}"
ENV NODE_ENV=production \
    CLI_FILE=cli/toolplane.mjs \
    CONSOLE_DIR=console \
    TOOLPLANE_REVISION=${TOOLPLANE_REVISION}
WORKDIR /app
COPY --from=control-plane-files /app ./
COPY --from=console-files /app/services/console/dist ./console
COPY --from=cli-files /app/packages/cli/dist ./cli
USER 65532:65532
EXPOSE 8080 9080
ENTRYPOINT ["/nodejs/bin/node", "--conditions=toolplane-source", "--disable-warning=ExperimentalWarning"]
CMD ["services/control-plane/src/main.ts"]
