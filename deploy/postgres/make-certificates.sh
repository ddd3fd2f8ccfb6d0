#!/bin/sh
# Makes a private certificate authority and the database server's certificate, if they are not there yet: compose.yaml runs this script before PostgreSQL starts.
#   make-certificates.sh SERVER-DIR AUTHORITY-DIR [NAME…]
# SERVER-DIR gets server.crt and server.key (mode 0600, of the user postgres), AUTHORITY-DIR gets ca.pem, which the nodes verify the server by. NAME: host names of the server; without them: postgres.
# The authority's key is deleted at once, so nobody can sign a second certificate. To renew, empty both directories and run the script again; then restart PostgreSQL.
set -eu
umask 077
server=$1
authority=$2
shift 2
[ $# -gt 0 ] || set -- postgres
days=3650

if [ -s "$server/server.key" ] && [ -s "$server/server.crt" ] && [ -s "$authority/ca.pem" ]; then
    echo "The certificate is there already. It expires: $(openssl x509 -in "$server/server.crt" -noout -enddate | cut -d= -f2)"
    exit 0
fi
command -v openssl > /dev/null || { echo "openssl is not in this image: use the Debian image of PostgreSQL, or make server.crt, server.key and ca.pem yourself." >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
names=
for name in "$@"; do
    case $name in *[!A-Za-z0-9.-]* | "") echo "'$name' is not a host name." >&2; exit 2 ;; esac
    names=${names:+$names,}DNS:$name
done

# 1. The authority, which can sign servers' certificates only.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -sha384 -days $days -subj "/CN=Slidebridge database authority" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign -keyout "$work/ca.key" -out "$work/ca.pem" 2> "$work/log" || { cat "$work/log" >&2; exit 1; }

# 2. The server's key and certificate.
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha384 -subj "/CN=$1" -keyout "$work/server.key" -out "$work/server.csr" 2> "$work/log" || { cat "$work/log" >&2; exit 1; }
printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=%s\n' "$names" > "$work/extensions"
openssl x509 -req -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -sha384 -days $days -extfile "$work/extensions" -out "$work/server.crt" 2> "$work/log" || { cat "$work/log" >&2; exit 1; }

# 3. PostgreSQL refuses a key that others can read. Everybody may enter the directories, because only the key is secret.
#    Each file gets its owner in its own directory and is then renamed: this script cannot read the files of another user, because its container has no right to.
mkdir -p "$server" "$authority"
chmod 755 "$server" "$authority"
put() { # FILE DIRECTORY MODE OWNER
    cp "$work/$1" "$2/.$1"
    chmod "$3" "$2/.$1"
    if [ "$(id -u)" = 0 ]; then chown "$4" "$2/.$1"; fi
    mv -f "$2/.$1" "$2/$1"
}
put ca.pem "$authority" 644 root:root
put server.crt "$server" 644 root:root
put server.key "$server" 600 postgres:postgres
echo "Made the certificate for $*. It expires: $(openssl x509 -in "$server/server.crt" -noout -enddate | cut -d= -f2)"
