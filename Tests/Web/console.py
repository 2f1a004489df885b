"""The operators' page in a browser: console.py URL BROWSER ADMIN-FILE SHOWTIME.

An admin logs in and goes through all views; somebody else is turned away. Ends with an error at the first thing an operator
would miss. Pictures go to the folder MARQUEE_SCREENSHOTS, if it is set.
"""

import base64
import hmac
import json
import os
import secrets
import struct
import sys
import time
import urllib.request
import uuid

from playwright.sync_api import Page, expect, sync_playwright

SOON = 20_000  # milliseconds for everything
PASSWORD = "xanh nhu la co cay 9"


def take_picture(page: Page, name: str):
    folder = os.environ.get("MARQUEE_SCREENSHOTS")
    if folder:
        page.screenshot(path=os.path.join(folder, f"console-{name}.png"), full_page=True)


def call(url: str, path: str, body: dict, headers: dict[str, str]) -> dict:
    request = urllib.request.Request(url + path, json.dumps(body).encode(), {"content-type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def visit(url: str, showtime: str) -> tuple[str, str]:
    """Somebody signs up and books a seat; returns the address and the trace of the booking."""
    email, trace = f"lan-{uuid.uuid4()}@example.com", secrets.token_hex(16)
    call(url, "/v1/users", {"email": email, "password": PASSWORD, "display_name": "Lan"}, {})
    token = call(url, "/v1/auth/login", {"email": email, "password": PASSWORD}, {})["access_token"]
    headers = {"authorization": f"Bearer {token}", "prefer": "wait=5", "idempotency-key": str(uuid.uuid4())}
    headers["traceparent"] = f"00-{trace}-{secrets.token_hex(8)}-01"
    call(url, "/v1/bookings", {"showtime_id": showtime, "seats": ["A1"]}, headers)
    return email, trace


def log_in(page: Page, email: str, password: str):
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.click("#sign button")


def go(page: Page, view: str, title: str):
    page.click(f"nav >> text='{view}'")
    page.wait_for_selector(f"h2:text-is('{title}')")


def row(page: Page, text: str):
    return page.locator("#view tbody tr").filter(has_text=text).first


def look(page: Page):
    """What is only looked at."""
    for name in ["gateway", "broker", "media_worker", "booking", "analytics"]:
        expect(row(page, name)).to_contain_text("ready")
    take_picture(page, "services")
    go(page, "Traffic", "Hot routes")
    for _ in range(20):  # Analytics counts in the background.
        if row(page, "/v1/bookings").count():
            break
        time.sleep(0.5)
        page.reload()
        page.wait_for_selector("h2:text-is('Hot routes')")
    expect(row(page, "/v1/bookings")).to_contain_text("POST")
    take_picture(page, "traffic")
    go(page, "Groups", "Consumer groups")
    expect(row(page, "analytics")).to_contain_text("Simple")
    take_picture(page, "groups")


def read_records(page: Page):
    go(page, "Topics", "Topics")
    page.click("#view >> text='ticket-requests'")
    expect(row(page, "ticket.requested")).to_be_visible()
    expect(page.locator("#view")).not_to_contain_text("showtime_id")
    page.check("[name=payload]")
    page.click("#view form button")
    expect(row(page, "ticket.requested")).to_contain_text("showtime_id")
    take_picture(page, "records")


def follow_trace(page: Page, trace: str):
    go(page, "Trace", "Trace")
    for _ in range(30):
        page.fill("[name=id]", f"00-{trace}-0000000000000001-01")
        page.click("#view form button")
        page.wait_for_selector("#view :text-matches('items|Nothing is known')")
        if row(page, "seat-locker").count():
            break
        time.sleep(0.5)
        page.goto(page.url.split("#")[0] + "#trace")
    for text in ["POST /v1/bookings", "ticket.requested", "seat-locker", "seat.locked"]:
        expect(row(page, text)).to_be_visible()
    take_picture(page, "trace")


def redrive(page: Page):
    go(page, "Dead letters", "Dead letters")
    expect(row(page, "notification").locator("td").nth(3)).not_to_have_text("0")
    take_picture(page, "letters")
    row(page, "notification").locator("button").click()
    expect(page.locator("#said")).to_contain_text("1 sent back to notification")


def change_limits(page: Page):
    go(page, "Rate limits", "Rate limits")
    page.click("text='Add a rule'")
    last = page.locator("#rules tbody tr").last
    for name, value in {"name": "tight", "route": "/v1/movies/*", "quota": "0", "window_seconds": "60"}.items():
        last.locator(f"[name={name}]").fill(value)
    page.click("text='Try it on'")
    expect(page.locator("#said")).to_contain_text("/quota 1 to")
    last.locator("[name=quota]").fill("1")
    page.click("text='Try it on'")
    expect(page.locator("[role=status] caption")).to_contain_text("By rule")
    take_picture(page, "limits")
    page.click("text='Put in force'")
    expect(page.locator("#said")).to_contain_text("in force")
    expect(page.locator("#rules caption")).to_contain_text("Version 1")
    assert page.locator("#rules tbody tr").last.locator("[name=name]").input_value() == "tight"


def rebuild(page: Page):
    go(page, "Analytics", "Rebuilds")
    page.click("text='Rebuild from the log'")
    expect(row(page, "done")).to_be_visible()
    take_picture(page, "analytics")


def use_second_factor(page: Page, url: str, administrator: dict):
    """The admin gets a second factor, and logs in by a recovery code."""
    headers = {"authorization": "Bearer " + page.evaluate("sessionStorage.operatorToken")}
    secret = call(url, "/v1/auth/mfa/totp", {}, headers)["secret"]
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1")
    place = digest[-1] & 15
    code = (struct.unpack(">I", digest[place:place + 4])[0] & 0x7FFFFFFF) % 1_000_000
    recovery = call(url, "/v1/auth/mfa/totp/verify", {"code": f"{code:06}"}, headers)["recovery_codes"][0]
    page.click("text='Log out'")
    page.wait_for_selector("h2:text-is('Log in as an admin')")
    log_in(page, administrator["email"], administrator["password"])
    for text, said in [("000000", "code"), (recovery, "As of")]:
        page.fill("[name=code]", text)
        page.click("#sign button")
        expect(page.locator("#said")).to_contain_text(said)
    page.wait_for_selector("h2:text-is('Services')")


def story(browser, url: str, administrator: dict, showtime: str):
    errors: list[str] = []
    page = browser.new_context(viewport={"width": 1200, "height": 800}).new_page()
    page.set_default_timeout(SOON)
    expect.set_options(timeout=SOON)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if "Security" in message.text else None)
    page.on("dialog", lambda dialog: dialog.accept())
    email, trace = visit(url, showtime)
    page.goto(url + "/console")
    log_in(page, email, PASSWORD)
    expect(page.locator("#said")).to_contain_text("no admin")
    assert page.locator("nav").is_hidden()
    log_in(page, administrator["email"], administrator["password"])
    page.wait_for_selector("h2:text-is('Services')")
    look(page)
    read_records(page)
    follow_trace(page, trace)
    redrive(page)
    change_limits(page)
    rebuild(page)
    page.set_viewport_size({"width": 400, "height": 800})
    page.emulate_media(color_scheme="dark")
    go(page, "Services", "Services")
    take_picture(page, "narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400, "the page is wider than a small screen"
    use_second_factor(page, url, administrator)
    page.click("text='Log out'")
    page.wait_for_selector("h2:text-is('Log in as an admin')")
    assert not errors, errors


def main():
    url, program, administrator, showtime = sys.argv[1:]
    with open(administrator) as file:
        account = json.load(file)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            story(browser, url, account, showtime)
        finally:
            browser.close()


main()
