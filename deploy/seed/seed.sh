#!/usr/bin/env bash
# Fills an empty stack with three movies, two halls and showtimes of the coming days. Does nothing when there are movies already.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=${MARQUEE_DATA:-.marquee}
url=${MARQUEE_URL:-http://127.0.0.1:${GATEWAY_PORT:-8080}}

field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
post() { curl -sS --fail-with-body -X POST "$url$1" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$2"; }

if [ "$(curl -sS --fail-with-body "$url/v1/movies" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["items"]))')" != 0 ]; then
    exit 0
fi
token=$(curl -sS --fail-with-body "$url/v1/auth/login" -H 'Content-Type: application/json' -d "@$data/admin.json" | field access_token)

halls=()
while read -r hall; do halls+=("$(post /v1/halls "$hall" | field id)"); done < "$here/halls.jsonl"
day=0
while read -r movie; do
    movie_id=$(post /v1/movies "$movie" | field id)
    day=$((day + 1))
    for hall in "${halls[@]}"; do
        # 19:00 in Ho Chi Minh City is 12:00 UTC.
        starts_at=$(date -u -d "+$day day" +%Y-%m-%dT12:00:00Z)
        post /v1/showtimes "{\"movie_id\":\"$movie_id\",\"hall_id\":\"$hall\",\"starts_at\":\"$starts_at\",
            \"prices\":{\"standard\":90000,\"vip\":120000},\"currency\":\"VND\"}" > /dev/null
    done
done < "$here/movies.jsonl"
echo "Demo data: $day movies in ${#halls[@]} halls."
