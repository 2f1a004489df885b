#!/usr/bin/env bash
# The story against the running stack, of a ticket, a photo and a talk: every call and its answer. Ends with all three, or fails.
set -euo pipefail
url=${MARQUEE_URL:-http://127.0.0.1:${GATEWAY_PORT:-8080}}
stamp=$(date +%s)
email="lan-$stamp@example.com"
password='correct horse battery staple'
answer=

# call METHOD PATH [BODY [HEADER…]]: prints the call and the answer, keeps the answer.
call() {
    local method=$1 path=$2 body=${3:-}
    local options=(-sS -X "$method" "$url$path" -w '\n%{http_code}')
    shift 2; [ $# -gt 0 ] && shift
    for header in "$@"; do options+=(-H "$header"); done
    [ -n "${token:-}" ] && options+=(-H "Authorization: Bearer $token")
    [ -n "$body" ] && options+=(-H 'Content-Type: application/json' --data-binary "$body")
    printf '\n> %s %s %s\n' "$method" "$path" "${body//$password/********}"
    local result; result=$(curl "${options[@]}")
    local status=${result##*$'\n'}
    answer=${result%$'\n'*}
    local shown=$answer
    [ "$path" = /v1/auth/login ] && shown='{"access_token":"…", …}'
    printf '< %s %s\n' "$status" "${shown:0:600}"
    [ "$status" -lt 400 ]
}
field() { printf '%s' "$answer" | python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }

echo "A person signs up and logs in."
call POST /v1/users "{\"email\":\"$email\",\"password\":\"$password\",\"display_name\":\"Lan\"}"
call POST /v1/auth/login "{\"email\":\"$email\",\"password\":\"$password\"}"
token=$(field '["access_token"]')

echo; echo "She looks for a showtime and two free seats."
call GET /v1/showtimes
showtime=$(field '["items"][0]["id"]')
call GET "/v1/showtimes/$showtime/seats"
seats=$(printf '%s' "$answer" | python3 -c '
import json, sys
free = [s["seat"] for s in json.load(sys.stdin)["items"] if s["state"] == "available"]
print(json.dumps(free[:2]))')

echo; echo "She listens for notifications over a WebSocket while she books."
frames=$(mktemp)
curl -sSN --max-time 60 "$url/v1/notifications/ws" -H "Authorization: Bearer $token" -H 'Connection: Upgrade' \
    -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: bWFycXVlZSBkZW1vIGtleQ==' > "$frames" &
listener=$!
trap 'kill $listener 2>/dev/null || true; rm -f "$frames"' EXIT

call POST /v1/bookings "{\"showtime_id\":\"$showtime\",\"seats\":$seats}" 'Prefer: wait=10'
booking=$(field '["id"]')
echo; echo "The seats are locked; she pays with the sandbox."
call POST "/v1/bookings/$booking/payment" '{"method":"sandbox"}'
for _ in $(seq 50); do
    state=$(curl -sS "$url/v1/bookings/$booking" -H "Authorization: Bearer $token" | python3 -c 'import json, sys; print(json.load(sys.stdin)["state"])')
    [ "$state" = booked ] && break
    sleep 0.2
done
call GET "/v1/bookings/$booking"
call GET "/v1/bookings/$booking/tickets"

echo; echo "She uploads a photo of the evening; a worker makes its sizes, behind a sandbox."
photo=$(mktemp)
trap 'kill $listener 2>/dev/null || true; rm -f "$frames" "$photo"' EXIT
python3 - "$photo" <<'PYTHON'
import struct, sys, zlib
def chunk(kind, data):  # PNG, section 5.3
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\0" + bytes([y * 255 // 600, y // 5, 160 - y // 6]) * 800 for y in range(600))
head = chunk(b"IHDR", struct.pack(">IIBBBBB", 800, 600, 8, 2, 0, 0, 0))
open(sys.argv[1], "wb").write(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PYTHON
printf '\n> POST /v1/media, %s bytes\n' "$(stat -c %s "$photo")"
answer=$(curl -sS "$url/v1/media" -H "Authorization: Bearer $token" -H 'Content-Type: image/png' --data-binary @"$photo")
printf '< %s\n' "${answer:0:600}"
media=$(field '["id"]')
for _ in $(seq 100); do
    photo_state=$(curl -sS "$url/v1/media/$media" -H "Authorization: Bearer $token" | python3 -c 'import json, sys; print(json.load(sys.stdin)["state"])')
    [ "$photo_state" = ready ] && break
    sleep 0.2
done
call GET "/v1/media/$media"
thumb=$(field '["variants"][0]["url"]')
printf '\n> GET %s\n< %s\n' "$thumb" "$(curl -sS -o /dev/null -w '%{http_code} %{content_type} %{size_download} bytes' "$url$thumb")"

echo; echo "Somebody else likes it, says so, and they talk."
hers=$token; token=
call POST /v1/users "{\"email\":\"minh-$stamp@example.com\",\"password\":\"$password\",\"display_name\":\"Minh\"}"
minh=$(field '["id"]')
call POST /v1/auth/login "{\"email\":\"minh-$stamp@example.com\",\"password\":\"$password\"}"
his=$(field '["access_token"]')
token=$his
call PUT "/v1/media/$media/likes/me"
call POST "/v1/media/$media/comments" '{"body":"Đẹp **quá**!"}'
token=$hers
call POST /v1/chat/rooms "{\"type\":\"direct\",\"member_ids\":[\"$minh\"]}"
room=$(field '["id"]')
call PUT "/v1/chat/rooms/$room/messages/m-1" '{"body":"Tối nay đi xem phim nhé?"}'
token=$his
call GET "/v1/chat/rooms/$room/messages"
call PUT "/v1/chat/rooms/$room/read" '{"seq":1}'
words=$(curl -sS "$url/v1/chat/rooms/$room/messages" -H "Authorization: Bearer $his" | python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0]["body"])')
token=$hers

echo; echo "What the WebSocket brought:"
for _ in $(seq 50); do grep -q 'thành công' "$frames" && grep -q 'sẵn sàng' "$frames" && grep -q 'bình luận' "$frames" && grep -q 'thích' "$frames" && break; sleep 0.2; done
python3 - "$frames" <<'PYTHON' || { echo "not all that has happened was told"; exit 1; }
import struct, sys
data, place, told = open(sys.argv[1], "rb").read(), 0, set()
while place < len(data):  # frames of a server (RFC 6455, section 5.2): no mask
    kind, length = data[place] & 15, data[place + 1]
    place += 2
    if length == 126:
        length, place = struct.unpack_from(">H", data, place)[0], place + 2
    if kind == 1:
        text = data[place:place + length].decode()
        told |= {words for words in ("thành công", "sẵn sàng", "thích", "bình luận") if words in text}
        print("<", text)
    place += length
sys.exit(0 if len(told) == 4 else 1)
PYTHON

printf '\nThe booking is %s, the photo is %s; Minh has read: %s\n' "$state" "$photo_state" "$words"
[ "$state" = booked ] && [ "$photo_state" = ready ] && [ -n "$words" ]
