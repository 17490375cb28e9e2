# SPDX-License-Identifier: MIT
# servers.sh -- Debian's servers under load by Debian's clients, over loopback
#
# Prints `NAME NANOSECONDS` for a request, or for a MiB (iperf3); run by
# tools/bench on both kernels.  Each server is ended before the next one starts.
exec 2> /run/servers.err
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
only=$1
ulimit -n 8192
ip link set lo up
mkdir -p /run/www /var/log/nginx /var/lib/nginx
head -c 612 /dev/zero | tr '\0' x > /run/www/small
head -c 100000 /dev/zero | tr '\0' x > /run/www/large
cat > /run/nginx.conf <<N
worker_processes auto; pid /run/nginx.pid; error_log /run/nginx.err;
events { worker_connections 4096; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
       server { listen 80 backlog=4096; root /run/www; } }
N

wanted() { case $1 in *$only*) true;; *) false;; esac; }
# NAME, a rate a second
rate() { awk -v n=$1 -v r=$2 'BEGIN { if (r > 0) printf "%s %d\n", n, 1e9 / r }'; }
# Until somebody listens on the port.
listening() { until ss -ltn | grep -q ":$1 "; do sleep 0.1; done; }
# A server that is not a child: until its port is free.
gone() { while ss -ltn | grep -q ":$1 "; do sleep 0.1; done; }

# NAME, URL, connections
wrk_row() { rate $1 $(wrk -t 1 -c $3 -d 2 $2 | awk '/^Requests/ { print $2 }'); }
# NAME, then how ab is to ask
ab_row() { n=$1; shift; rate $n $(ab -q "$@" | awk '/^Requests per/ { print $4 }'); }

if wanted nginx; then
	nginx -c /run/nginx.conf
	listening 80
	wrk_row nginx_1 http://127.0.0.1/small 1
	wrk_row nginx_100 http://127.0.0.1/small 100
	wrk_row nginx_1000 http://127.0.0.1/small 1000
	wrk_row nginx_100k_10 http://127.0.0.1/large 10
	ab_row nginx_no_keepalive -n 1000 -c 10 http://127.0.0.1/small
	nginx -c /run/nginx.conf -s stop
	gone 80
fi

# PREFIX, then options: rows of SET and GET
redis_rows() {
	prefix=$1; shift
	redis-benchmark -q -t set,get "$@" | tr '\r' '\n' |
	awk -v p=$prefix '/requests per second/ { sub(":", "", $1)
		printf "%s%s %d\n", p, tolower($1), 1e9 / $2 }'
}
if wanted redis; then
	redis-server --daemonize yes --save "" --dir /run > /dev/null
	listening 6379
	redis_rows redis_ -n 5000 -c 50
	redis_rows redis_P16_ -n 50000 -c 50 -P 16
	redis-cli shutdown nosave
fi

if wanted memcached; then
	memcached -u nobody -d -l 127.0.0.1
	listening 11211
	for t in set get; do
		memcslap --servers=127.0.0.1 --concurrency=4 --execute-number=1000 \
			--initial-load=1000 --test=$t |
		awk -v t=$t '/^Time to (set|get|read) / && ($3 == "set") == (t == "set") {
			printf "memcached_%s %d\n", t, $(NF - 1) * 1e9 / $4 }'
	done
	pkill memcached
fi

# NAME, then options
iperf_row() {
	name=$1; shift
	rate $name $(iperf3 -c 127.0.0.1 -n 200M -f M "$@" |
		awk '/receiver/ { print $(NF - 2) }')
}
if wanted iperf3; then
	iperf3 -s -D
	listening 5201
	iperf_row iperf3_mib
	iperf_row iperf3_back_mib -R
	pkill iperf3
fi
if wanted idle; then
	/run/bench --idle 10000
fi
