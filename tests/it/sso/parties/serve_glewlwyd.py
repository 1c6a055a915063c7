"""Glewlwyd, an OpenID provider nobody here wrote, on loopback: python serve_glewlwyd.py '{"clients": [...], "people": [...]}'

MUSTER_TEST_DEBIAN names the folder that scripts/tools.sh has unpacked Debian's packages into. Prints {"issuer": ...} once it answers. A line "rotate" on its
input has it sign with a new key from then on. Its database is a file made from the package's script. It ends when its input does.

Its pages are written by a script in the browser: whoever signs in calls what that would call. It sends no email_verified and no name but the whole one, names
people by texts of its own, writes 0 as auth_time where the browser does not say which it is, and its logout tokens are of the type "JWT".
"""

import http.cookiejar
import json
import os
import pathlib
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

from joserfc.jwk import RSAKey

given = json.loads(sys.argv[1])
root = pathlib.Path(os.environ["MUSTER_TEST_DEBIAN"])
folder = tempfile.TemporaryDirectory(prefix="muster-glewlwyd.")
home = pathlib.Path(folder.name)

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
address = f"http://127.0.0.1:{port}"

database = sqlite3.connect(home / "glewlwyd.db")
database.executescript((root / "usr/share/dbconfig-common/data/glewlwyd/install/sqlite3").read_text())
database.close()
modules = root / "usr/lib/glewlwyd"
(home / "glewlwyd.conf").write_text(f"""
port={port}
bind_address="127.0.0.1"
external_url="{address}"
login_url="login.html"
api_prefix="api"
static_files_path="{root}/usr/share/glewlwyd/webapp/"
log_mode="file"
log_level="WARNING"
log_file="{home}/glewlwyd.log"
cookie_domain="127.0.0.1"
cookie_secure=0
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="{modules}/user"
client_module_path="{modules}/client"
user_auth_scheme_module_path="{modules}/scheme"
plugin_module_path="{modules}/plugin"
hash_algorithm="SHA512"
database={{ type="sqlite3" path="{home}/glewlwyd.db" }}
""")
libraries = ":".join(str(path) for path in (root / "usr/lib").glob("*-linux-gnu"))
server = subprocess.Popen(
    [root / "usr/bin/glewlwyd", f"--config-file={home}/glewlwyd.conf"],
    env={**os.environ, "LD_LIBRARY_PATH": libraries},
    stdin=subprocess.DEVNULL,
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)

jar = http.cookiejar.CookieJar()
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{address}/api/{path}", data, {"Content-Type": "application/json"}, method=method)
    with browser.open(request, timeout=20) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def patiently(method, path, body):
    for _ in range(200):
        try:
            return call(method, path, body)
        except OSError:
            if server.poll() is not None:
                raise
            time.sleep(0.05)
    raise TimeoutError(path)


def new_key(name):
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"}).as_dict(private=True)


def plugin(keys):
    return {
        "module": "oidc",
        "name": "oidc",
        "display_name": "OpenID Connect",
        "parameters": {
            "iss": f"{address}/api/oidc",
            "jwks-private": json.dumps({"keys": keys}),
            "default-kid": keys[0]["kid"],
            "jwks-show": True,
            "access-token-duration": 3600,
            "refresh-token-duration": 3600,
            "code-duration": 600,
            "auth-type-code-enabled": True,
            "auth-type-refresh-enabled": True,
            "auth-type-token-enabled": False,
            "auth-type-id-token-enabled": True,
            "auth-type-none-enabled": False,
            "pkce-allowed": True,
            "pkce-method-plain-allowed": False,
            "subject-type": "public",
            "allow-non-oidc": True,
            "scope": [],
            "email-claim": "mandatory",
            "email-claim-scope": [],
            "name-claim": "mandatory",
            "name-claim-scope": [],
            "scope-claim": "no",
            "additional-parameters": [],
            "claims": [],
            "session-management-allowed": True,
            "front-channel-logout-allowed": False,
            "back-channel-logout-allowed": True,
            "session-cookie-name": "GLEWLWYD2_OIDC_SID",
            "session-cookie-expiration": 2419200,
        },
    }


def configure():
    patiently("POST", "auth/", {"username": "admin", "password": "password"})
    for scope in ("email", "profile"):
        call("POST", "scope/", {"name": scope, "display_name": scope, "description": scope, "password_required": True, "scheme": {}})
    scope = call("GET", "scope/openid")
    call("PUT", "scope/openid", {**scope, "password_required": True})
    call("POST", "mod/plugin/", plugin([new_key("first")]))
    for person in given["people"]:
        call("POST", "user/", {
            "username": person["sub"], "name": person["name"], "email": person["email"], "password": person["password"],
            "enabled": True, "scope": ["openid", "email", "profile", "g_profile"],
        })
    for client in given["clients"]:
        call("POST", "client/", {
            "client_id": client["client_id"], "name": "Muster", "enabled": True, "confidential": "client_secret" in client,
            "password": client.get("client_secret", ""), "client_secret": client.get("client_secret", ""),
            "redirect_uri": client["redirect_uris"],
            "authorization_type": ["code"], "scope": [],
            "token_endpoint_auth_method": [client["token_endpoint_auth_method"]],
            "backchannel_logout_uri": client.get("backchannel_logout_uri", ""),
            "post_logout_redirect_uri": client.get("post_logout_redirect_uri", ""),
        })


try:
    configure()
    print(json.dumps({"issuer": f"{address}/api/oidc"}), flush=True)
    for line in sys.stdin:
        if line.strip() == "rotate":
            number = str(time.time_ns())
            call("PUT", "mod/plugin/oidc", plugin([new_key(number)]))
            call("PUT", "mod/plugin/oidc/reset")
            print(json.dumps({"kid": number}), flush=True)
finally:
    server.terminate()
    server.wait(10)
