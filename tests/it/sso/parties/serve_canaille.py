"""Canaille, an OpenID provider nobody here wrote, on loopback: python serve_canaille.py '{"clients": [...], "people": [...]}'

Prints {"issuer": ...} once it listens. A line "rotate" on its input has it sign with a new key from then on. Everything is in its memory, and it ends
when its input does. It sends no email_verified, as many real providers do not.
"""

import json
import sys
import threading
import uuid

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

given = json.loads(sys.argv[1])


def new_key():
    return RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)


server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
address = f"127.0.0.1:{server.port}"
issuer = f"http://{address}"
app = create_app(
    config={
        "SECRET_KEY": str(uuid.uuid4()),
        "SERVER_NAME": address,
        "PREFERRED_URL_SCHEME": "http",
        "SESSION_COOKIE_SECURE": False,
        "CANAILLE": {"DATABASE": "memory", "SMTP": None, "HIBP_API_URL": None},
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [new_key()]},
    }
)
server.app = app

with app.app_context():
    for person in given["people"]:
        user = models.User(
            user_name=person["sub"],
            emails=[person["email"]],
            given_name=person["given_name"],
            family_name=person["family_name"],
            formatted_name=f"{person['given_name']} {person['family_name']}",
            password=person["password"],
        )
        Backend.instance.save(user)
    for client in given["clients"]:
        # One under an address it trusts asks for no consent.
        client = models.Client(
            client_name="Muster",
            client_uri="http://127.0.0.1/",
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "email", "profile"],
            **client,
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)

threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"issuer": issuer}), flush=True)
for line in sys.stdin:
    if line.strip() == "rotate":
        key = new_key()
        app.config["CANAILLE_OIDC"]["ACTIVE_JWKS"] = [key]
        print(json.dumps({"kid": key["kid"]}), flush=True)
