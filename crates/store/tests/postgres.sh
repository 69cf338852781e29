# Sourced by ./test and ./test-load, which have `stop` and the file `$log`.
#
# `start_postgres` starts a PostgreSQL of its own, on loopback, and `start_pgbouncer MODE VARIABLE` a PgBouncer before it; both go
# away with the script.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_postgres() {
    local programs
    as_postgres=() as_root=()
    programs="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)"
    [ -n "$programs" ] || programs="$(dirname "$(command -v initdb)")"
    folder="$(mktemp -d)"
    if [ "$(id -u)" = 0 ]; then
        # PostgreSQL refuses to run as root; its package brings a user.
        chown postgres "$folder"
        as_postgres=(runuser -u postgres --)
    fi
    port="$(free_port)"
    (cd / && "${as_postgres[@]}" "$programs/initdb" --pgdata "$folder/data" --username idscore --auth trust --encoding UTF8 >/dev/null)
    (cd / && "${as_postgres[@]}" "$programs/pg_ctl" --pgdata "$folder/data" --log "$folder/log" --wait --silent \
        --options "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$folder -c max_connections=300" start)
    # A small disk for a tablespace, that a test fills. Whoever isn't root mounts it through sudo, as packages are installed.
    mkdir "$folder/small"
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    trap 'cat "'"$folder"'"/pgbouncer-*.pid 2>/dev/null | xargs -r '"${as_postgres[*]}"' kill; (cd / && '"${as_postgres[*]}"' "'"$programs"'/pg_ctl" --pgdata "'"$folder"'/data" --mode immediate --silent stop); '"${as_root[*]}"' umount "'"$folder"'/small" 2>/dev/null || true; rm -rf "$log" "'"$folder"'"' EXIT
    "${as_root[@]}" mount -t tmpfs -o size=32m,mode=1777 idscore-test "$folder/small" \
        || stop "a disk of 32 MB can't be mounted, and without it nothing shows what a full disk does to PostgreSQL" \
            "run ./test where root may mount a tmpfs; in a container: --cap-add SYS_ADMIN"
    (cd / && "${as_postgres[@]}" mkdir "$folder/small/tablespace")
    export IDSCORE_POSTGRES="postgres://idscore@127.0.0.1:$port"
    export IDSCORE_POSTGRES_SMALL_DISK="$folder/small"
}

start_pgbouncer() { # MODE VARIABLE
    local bouncer
    bouncer="$(free_port)"
    cat > "$folder/pgbouncer-$1.ini" <<INI
[databases]
* = host=127.0.0.1 port=$port user=idscore
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $bouncer
unix_socket_dir =
auth_type = any
pool_mode = $1
ignore_startup_parameters = extra_float_digits
logfile = $folder/pgbouncer-$1.log
pidfile = $folder/pgbouncer-$1.pid
INI
    (cd / && "${as_postgres[@]}" "$(PATH="$PATH:/usr/sbin" command -v pgbouncer)" --quiet --daemon "$folder/pgbouncer-$1.ini")
    export "$2=postgres://idscore@127.0.0.1:$bouncer"
}
