#!/usr/bin/env bash
# Where the stack is and what to try first.
set -euo pipefail
url=${MARQUEE_URL:-http://127.0.0.1:${GATEWAY_PORT:-8080}}
cat <<END

Marquee is up at $url
The operators' page is $url/console
The administrator's account is in ${MARQUEE_DATA:-.marquee}/admin.json

  curl -s $url/v1/movies
  curl -s $url/v1/showtimes
  make demo     # the whole ticket story, call by call
  make ps logs  # states, then logs
END
