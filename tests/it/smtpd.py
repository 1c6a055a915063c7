"""An SMTP server for the mail tests: aiosmtpd's protocol, with mailboxes that answer as their names say.

Offers SMTPUTF8 if it is given the argument `utf8`. Prints its port, then every mail it took as one line of JSON. Ends when its standard input closes.
"""

import asyncio
import json
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Mailboxes:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("busy@"):
            return "451 4.3.0 try again later"
        if address.startswith("silent@"):
            await asyncio.sleep(3600)
        if address.startswith("later@"):
            return "450 4.2.1 mailbox busy"
        if address.startswith("leaving@"):
            await server.push("421 4.3.2 shutting down")
            server.transport.close()
            return "421 4.3.2 shutting down"
        if address.startswith("slow"):
            await asyncio.sleep(0.1)
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = {
            "to": envelope.rcpt_tos,
            "from": envelope.mail_from,
            "options": envelope.mail_options,
            "content": envelope.content.decode(),
        }
        if "please cut" in mail["content"]:
            server.transport.close()
            return "451 4.3.0 nobody reads this"
        if "please fail" in mail["content"]:
            return "554 5.6.0 not this one"
        print(json.dumps(mail), flush=True)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.password == b"right", handled=False)


async def main():
    def protocol():
        return SMTP(
            Mailboxes(),
            authenticator=authenticate,
            auth_require_tls=False,
            enable_SMTPUTF8="utf8" in sys.argv,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
