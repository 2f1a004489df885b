"""The links of two mails in a browser: mailed_links.py URL BROWSER EMAIL VERIFY RESET, the last two their secrets.

Ends with an error unless the address is confirmed, the new password logs in, and neither secret stays in the address bar.
"""

import sys

from playwright.sync_api import expect, sync_playwright

SOON = 15_000  # milliseconds
PASSWORD = "hoa sua noi con pho 7"


def follow(page, url: str, link: str):
    page.goto("about:blank")
    page.goto(f"{url}/#{link}")
    expect(page.locator("#mailed")).to_be_visible()
    assert "#" not in page.url, page.url


def story(browser, url: str, email: str, verify: str, reset: str):
    page = browser.new_page()
    page.set_default_timeout(SOON)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    follow(page, url, f"verify-email={verify}")
    expect(page.locator("#mailedText")).to_have_text("Your address is confirmed.", timeout=SOON)
    follow(page, url, f"verify-email={verify[::-1]}")
    expect(page.locator("#mailedText")).not_to_have_text("Your address is confirmed.", timeout=SOON)
    follow(page, url, f"reset-password={reset}")
    page.fill("#reset [name=password]", PASSWORD)
    page.click("#reset button")
    expect(page.locator("#mailedText")).to_have_text("Log in with the new password.", timeout=SOON)
    page.fill("#sign [name=email]", email)
    page.click("#forgot")
    expect(page.locator("#signError")).to_contain_text("a mail is on its way", timeout=SOON)
    page.fill("#sign [name=password]", PASSWORD)
    page.click("button[value=login]")
    page.wait_for_selector("text=Log out")
    assert not errors, errors


def main():
    url, program, *rest = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            story(browser, url, *rest)
        finally:
            browser.close()


main()
