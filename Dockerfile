# One static binary, run by a user who is nobody. What must be kept is below /data: the secret key and, with SQLite,
# the database.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o /conversion ./cmd/conversion && mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /conversion /conversion
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
ENV XDG_DATA_HOME=/data CONVERSION_LISTEN=:8080
EXPOSE 8080
VOLUME /data
ENTRYPOINT ["/conversion"]
CMD ["serve"]
