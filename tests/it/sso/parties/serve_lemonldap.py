"""LemonLDAP::NG, an OpenID provider nobody here wrote, on loopback: python serve_lemonldap.py '{"clients": [...], "people": [...]}'

MUSTER_TEST_DEBIAN names the folder that scripts/tools.sh has unpacked Debian's packages into. The portal runs under Starman, its configuration and its sessions
are files, and its people are those of its demonstration: whoever gives their name as password comes in. Prints {"issuer": ...} once it answers. A line
"rotate" on its input has it sign with a new key from then on. It ends when its input does.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from joserfc.jwk import RSAKey

given = json.loads(sys.argv[1])
root = pathlib.Path(os.environ["MUSTER_TEST_DEBIAN"])
folder = tempfile.TemporaryDirectory(prefix="muster-lemonldap.")
home = pathlib.Path(folder.name)

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
address = f"http://127.0.0.1:{port}"

for name in ("conf", "sessions", "lock", "persistent", "cache"):
    (home / name).mkdir()
(home / "lemonldap-ng.ini").write_text(f"""
[all]
logLevel = error
checkTime = 1
[configuration]
type = File
dirName = {home}/conf
localStorage = Cache::FileCache
localStorageOptions = {{ 'namespace' => 'config', 'default_expires_in' => 1, 'cache_root' => '{home}/cache', 'cache_depth' => 0 }}
[portal]
staticPrefix = /static
templateDir = {root}/usr/share/lemonldap-ng/portal/templates
languages = en
""")


def new_key():
    key = RSAKey.generate_key(2048)
    return key.as_pem(private=True).decode(), key.as_pem(private=False).decode()


def registration(client):
    return {
        "oidcRPMetaDataOptionsClientID": client["client_id"],
        "oidcRPMetaDataOptionsClientSecret": client.get("client_secret", ""),
        "oidcRPMetaDataOptionsPublic": int("client_secret" not in client),
        "oidcRPMetaDataOptionsRequirePKCE": 1,
        "oidcRPMetaDataOptionsRedirectUris": " ".join(client["redirect_uris"]),
        "oidcRPMetaDataOptionsIDTokenSignAlg": client["id_token_signed_response_alg"],
        "oidcRPMetaDataOptionsBypassConsent": 1,
        "oidcRPMetaDataOptionsPostLogoutRedirectUris": client.get("post_logout_redirect_uri", ""),
        "oidcRPMetaDataOptionsLogoutUrl": client.get("backchannel_logout_uri", ""),
        "oidcRPMetaDataOptionsLogoutType": "back",
        "oidcRPMetaDataOptionsLogoutSessionRequired": 1,
    }


def configure(number, keys):
    private, public = keys
    clients = {f"client{place}": client for place, client in enumerate(given["clients"])}
    claims = {"email": "mail", "name": "cn", "given_name": "givenName", "family_name": "sn", "email_verified": "verified;bool"}
    configuration = {
        "cfgNum": number,
        "cfgDate": int(time.time()),
        "cfgVersion": "2.16.1",
        "authentication": "Demo",
        "userDB": "Same",
        "passwordDB": "Null",
        "registerDB": "Null",
        "captcha": "::Captcha::None",
        "portal": f"{address}/",
        "domain": "127.0.0.1",
        "securedCookie": 0,
        "requireToken": 0,
        # Whoever has signed in two seconds ago is asked anew all the same.
        "portalForceAuthnInterval": 1,
        "whatToTrace": "uid",
        "locationRules": {},
        "exportedVars": {},
        "demoExportedVars": {name: name for name in ("uid", "cn", "mail", "givenName", "sn", "verified")},
        "globalStorage": "Apache::Session::File",
        "globalStorageOptions": {"Directory": f"{home}/sessions", "LockDirectory": f"{home}/lock", "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256"},
        "persistentStorage": "Apache::Session::File",
        "persistentStorageOptions": {"Directory": f"{home}/persistent", "LockDirectory": f"{home}/lock"},
        "localSessionStorage": "Cache::FileCache",
        "localSessionStorageOptions": {"namespace": "sessions", "default_expires_in": 600, "cache_root": f"{home}/cache", "cache_depth": 0},
        "issuerDBOpenIDConnectActivation": 1,
        "oidcServiceMetaDataIssuer": address,
        "oidcServicePrivateKeySig": private,
        "oidcServicePublicKeySig": public,
        "oidcServiceKeyIdSig": f"key-{number}",
        "oidcServiceIgnoreScopeForClaims": 1,
        "oidcRPMetaDataOptions": {name: registration(client) for name, client in clients.items()},
        "oidcRPMetaDataExportedVars": {name: claims for name in clients},
    }
    (home / "conf" / f"lmConf-{number}.json").write_text(json.dumps(configuration))


people = {
    person["sub"]: {
        "uid": person["sub"], "cn": person["name"], "mail": person["email"], "givenName": person["given_name"], "sn": person["family_name"], "verified": 1,
    }
    for person in given["people"]
}
(home / "people.json").write_text(json.dumps(people))
(home / "portal.psgi").write_text(f"""
use JSON;
use Lemonldap::NG::Portal::Main;
# No form here asks for one, and the package's own wants ImageMagick.
BEGIN {{
    package Lemonldap::NG::Portal::Captcha::None;
    use Mouse;
    extends 'Lemonldap::NG::Portal::Main::Plugin';
    sub init {{ 1 }}
    $INC{{'Lemonldap/NG/Portal/Captcha/None.pm'}} = __FILE__;
}}
use Lemonldap::NG::Portal::UserDB::Demo;
open my $file, '<', '{home}/people.json' or die $!;
%Lemonldap::NG::Portal::UserDB::Demo::demoAccounts = %{{ decode_json(join '', <$file>) }};
Lemonldap::NG::Portal::Main->run({{}});
""")
number = 1
configure(number, new_key())
libraries = [str(root / "usr/share/perl5"), *map(str, (root / "usr/lib").glob("*-linux-gnu/perl5/*"))]
server = subprocess.Popen(
    ["perl", root / "usr/bin/starman", "--listen", f"127.0.0.1:{port}", "--workers", "3", "--preload-app", "--error-log", home / "errors", home / "portal.psgi"],
    env={**os.environ, "PERL5LIB": ":".join(libraries), "LLNG_DEFAULTCONFFILE": str(home / "lemonldap-ng.ini"), "LC_ALL": "C.UTF-8"},
    stdin=subprocess.DEVNULL,
    stdout=subprocess.DEVNULL,
    stderr=open(home / "stderr", "w"),
    start_new_session=True,
)


def wait_until_it_answers():
    for _ in range(400):
        try:
            with urllib.request.urlopen(f"{address}/.well-known/openid-configuration", timeout=10):
                return
        except OSError:
            if server.poll() is not None:
                raise SystemExit((home / "stderr").read_text())
            time.sleep(0.05)
    raise SystemExit((home / "stderr").read_text())


try:
    wait_until_it_answers()
    print(json.dumps({"issuer": address}), flush=True)
    for line in sys.stdin:
        if line.strip() == "rotate":
            number += 1
            configure(number, new_key())
            # Its processes look for a newer configuration once a second.
            time.sleep(2)
            print(json.dumps({"kid": f"key-{number}"}), flush=True)
finally:
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(10)
