"""Reports in the shapes in which real servers write them, on a message of ours."""

POSTFIX = """\
Return-Path: <>
Delivered-To: bounces@tinh.example
Date: Mon, 23 Nov 2026 09:00:05 +0700 (+07)
From: MAILER-DAEMON@mx.tinh.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {return_to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4F0C21A0.1763863205/mx.tinh.example"
Message-Id: <20261123020005.5B1C61A1@mx.tinh.example>

This is a MIME-encapsulated message.

--4F0C21A0.1763863205/mx.tinh.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.tinh.example.

<{recipient}>: host mail.xa.example[203.0.113.9] said: {answer} (in reply to RCPT TO command)

--4F0C21A0.1763863205/mx.tinh.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.tinh.example
X-Postfix-Queue-ID: 4F0C21A0
X-Postfix-Sender: rfc822; chungthuso@tinh.example
Arrival-Date: Mon, 23 Nov 2026 09:00:03 +0700 (+07)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.xa.example
Diagnostic-Code: smtp; {answer}

--4F0C21A0.1763863205/mx.tinh.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <chungthuso@tinh.example>
From: =?utf-8?b?VOG7iW5oIELhuq9jIEdpYW5n?= <chungthuso@tinh.example>
To: {recipient}
Subject: =?utf-8?b?Tmjhuq9j?=
Message-ID: {message_id}

--4F0C21A0.1763863205/mx.tinh.example--
"""

EXCHANGE = """\
From: <postmaster@xa.example>
To: <{return_to}>
Date: Mon, 23 Nov 2026 02:00:08 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="bf57c6b2-58d6-4ac0-9d9d-5e2ab9e8ed51"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: vi-VN
Message-ID: <8a1d8d69-0b6c-4c2f@SG2PR01MB.apcprd01.prod.exchangelabs.example>
In-Reply-To: {message_id}
References: {message_id}
Subject: =?utf-8?B?S2jDtG5nIHRo4buDIGfhu61pOiBOaOG6r2M=?=
Auto-Submitted: auto-replied
MIME-Version: 1.0

--bf57c6b2-58d6-4ac0-9d9d-5e2ab9e8ed51
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="c3e71a3a"

--c3e71a3a
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

S2jDtG5nIHTDrG0gdGjhuqV5IMSR4buLYSBjaOG7iQ==

--c3e71a3a
Content-Type: text/html; charset="utf-8"

<html><body>Khong tim thay dia chi</body></html>

--c3e71a3a--

--bf57c6b2-58d6-4ac0-9d9d-5e2ab9e8ed51
Content-Type: message/delivery-status

Reporting-MTA: dns;SG2PR01MB.apcprd01.prod.exchangelabs.example
Received-From-MTA: dns;mx.tinh.example
Arrival-Date: Mon, 23 Nov 2026 02:00:07 +0000

Original-Recipient: rfc822;{recipient}
Final-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp;{answer}

--bf57c6b2-58d6-4ac0-9d9d-5e2ab9e8ed51
Content-Type: message/rfc822

Received: from mx.tinh.example (203.0.113.1)
From: chungthuso@tinh.example
To: {recipient}
Subject: Nhac
Message-ID: {message_id}
MIME-Version: 1.0
Content-Type: text/plain

than thu

--bf57c6b2-58d6-4ac0-9d9d-5e2ab9e8ed51--
"""

GMAIL = """\
From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
To: {return_to}
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {message_id}
In-Reply-To: {message_id}
X-Failed-Recipients: {recipient}
Message-ID: <6560a1b2.050a0220@mx.google.example>
Date: Sun, 22 Nov 2026 18:00:09 -0800 (PST)
MIME-Version: 1.0
Content-Type: multipart/report; boundary="000000000000a1b2c3060b0d"; report-type=delivery-status

--000000000000a1b2c3060b0d
Content-Type: multipart/related; boundary="000000000000a1b2c4060b0e"

--000000000000a1b2c4060b0e
Content-Type: text/plain; charset="UTF-8"

** Address not found **

--000000000000a1b2c4060b0e
Content-Type: image/png; name="icon.png"
Content-Disposition: attachment; filename="icon.png"
Content-Transfer-Encoding: base64
Content-ID: <icon.png>

iVBORw0KGgo=

--000000000000a1b2c4060b0e--

--000000000000a1b2c3060b0d
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.example
Received-From-MTA: dns; chungthuso@tinh.example
Arrival-Date: Sun, 22 Nov 2026 18:00:08 -0800 (PST)
X-Original-Message-ID: {message_id}

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; gmail-smtp-in.l.google.example. (2404:6800::1b, the server for the domain xa.example.)
Diagnostic-Code: smtp; {answer}
Last-Attempt-Date: Sun, 22 Nov 2026 18:00:09 -0800 (PST)

--000000000000a1b2c3060b0d
Content-Type: message/rfc822

X-Received: by 2002:a17:906 with SMTP id a1
MIME-Version: 1.0
Message-ID: {message_id}
From: chungthuso@tinh.example
To: {recipient}
Content-Type: multipart/alternative; boundary="x"

--x
Content-Type: text/plain

than thu
--x--

--000000000000a1b2c3060b0d--
"""

ENVELOPE_ONLY = """\
From: postmaster@xa.example
To: {return_to}
MIME-Version: 1.0
Content-Type: multipart/report; report-type="delivery-status"; boundary="=_b"

--=_b
Content-Type: text/plain

Sorry.
--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; xa.example
Original-Envelope-Id: {envelope_id}

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {answer}

--=_b--
"""

COMPLAINT = """\
From: <fbl@provider.example>
Date: Mon, 23 Nov 2026 10:00:00 +0700
Subject: FW: Nhac
To: <{return_to}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report;
     boundary="part1_13d.2e68ed54_boundary"

--part1_13d.2e68ed54_boundary
Content-Type: text/plain; charset="US-ASCII"
Content-Transfer-Encoding: 7bit

This is an email abuse report for an email message received from IP 203.0.113.1.

--part1_13d.2e68ed54_boundary
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <chungthuso@tinh.example>
Original-Rcpt-To: <{recipient}>

--part1_13d.2e68ed54_boundary
Content-Type: message/rfc822
Content-Disposition: inline

Received: from mx.tinh.example
From: <chungthuso@tinh.example>
Message-ID: {message_id}
To: {recipient}

than thu
--part1_13d.2e68ed54_boundary--
"""

OUT_OF_OFFICE = """\
From: {recipient}
To: chungthuso@tinh.example
Subject: Automatic reply: Nhac
Auto-Submitted: auto-replied
In-Reply-To: {message_id}
Content-Type: text/plain

I am away. 550 5.1.1
"""

SHAPES = {"postfix": POSTFIX, "exchange": EXCHANGE, "gmail": GMAIL}


def report(
    shape: str,
    *,
    message_id: str,
    recipient: str,
    action: str = "failed",
    status: str = "5.1.1",
    answer: str = "550 5.1.1 no such user here",
    return_to: str = "chungthuso@tinh.example",
) -> bytes:
    """The report as it travels."""
    envelope_id = message_id.strip("<>").partition("@")[0]
    text = shape.format(
        message_id=message_id,
        recipient=recipient,
        action=action,
        status=status,
        answer=answer,
        return_to=return_to,
        envelope_id=envelope_id,
    )
    return text.replace("\n", "\r\n").encode()
