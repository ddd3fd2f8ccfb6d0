# The bridge with its sample classifiers. Your own classifier's image: docs/deploy/README.md.
#   docker build --tag slidebridge .

# 1. The program. Locked: what was tested is what is built.
FROM mcr.microsoft.com/dotnet/sdk:10.0@sha256:e1ffd2a92ae84c1291bc1b6887501f8af98e6331e7af6d4c8d37168c5e87a64c AS build
WORKDIR /source
COPY .editorconfig global.json Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY src src
COPY python python
# Git's tags are not here: without --build-arg VERSION=1.2.3 it is 0.1.0-alpha.0.
ARG VERSION
RUN dotnet publish src/Slidebridge --configuration Release --output /app -p:RestoreLockedMode=true ${VERSION:+-p:MinVerVersionOverride=$VERSION}

# 2. What it runs on: Debian 12, whose codec libraries the tests run with, and .NET as its own image has it.
FROM mcr.microsoft.com/dotnet/aspnet:10.0@sha256:a4556ed033fa96f984bb7a8d348851cb2d36b1281dd2420070045f664fbb5f94 AS dotnet
FROM debian:12-slim@sha256:abd67ffcfa541b485a3dff59865ab629aa048a6c613e639d36e7456b0b229241 AS base
# libturbojpeg0: JPEG at twice the speed. libopenslide0: NDPI, MRXS, SCN and the like. libopenjp2-7: JPEG 2000. libcharls2: JPEG-LS.
# bubblewrap: the sandbox of classifiers that are programs.
# libssl3, ca-certificates, libstdc++6: .NET and TLS.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates libssl3 libstdc++6 libturbojpeg0 libopenslide0 libopenjp2-7 libcharls2 bubblewrap \
 && rm -rf /var/lib/apt/lists/*
COPY --from=dotnet /usr/share/dotnet /usr/share/dotnet
RUN ln -s /usr/share/dotnet/dotnet /usr/bin/dotnet \
 && install --directory --owner 1654 --group 1654 /data
# Without .NET's diagnostics socket from the first moment on: docs/decisions/program-sandbox.md
# Reached from outside the container: a node that takes tasks needs SLIDEBRIDGE_WEBHOOK_KEY.
ENV DOTNET_EnableDiagnostics=0 DOTNET_RUNNING_IN_CONTAINER=true SLIDEBRIDGE_DATA=/data SLIDEBRIDGE_LISTEN=any SLIDEBRIDGE_PORT=3000
# A number, so that an orchestrator can tell that it is not root. Files of /app belong to root: the program cannot change itself.
USER 1654:1654
WORKDIR /app
VOLUME /data
EXPOSE 3000
# The image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/3000 && printf 'GET /health/live HTTP/1.0\\r\\n\\r\\n' >&3 && read -r -t 4 answer <&3 && [[ $answer == *' 200 '* ]]"]

# 3. Both.
FROM base
COPY --from=build /app /app
ENTRYPOINT ["dotnet", "/app/Slidebridge.dll"]
CMD ["serve"]
