"""Carrying mail by SMTP to a real server that misbehaves in every way that mail servers do."""

from __future__ import annotations

import logging
import ssl
import time
from email import message_from_bytes
from email.policy import default

import pytest

from floe_dagster.channels.email import CHANNEL, Options
from floe_dagster.delivery.mail import SmtpMailer
from floe_dagster.errors import DeliveryError
from tests.channels.alerts import HOSTILE, OPENED
from tests.delivery.mailserver import bare_server, mail_server
from tests.delivery.parcels import alert_parcel
from tests.delivery.test_addresses import REFUSED

pytestmark = pytest.mark.requirement("D-04")

PASSWORD = "CANARY-PASSWORD"
KEY = "alert/episode-1/1/post"


def letter(port, alert=OPENED, **more):
    chosen = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "floe@example.com"}
    chosen |= {"to": ["data@example.com"], "timeout_seconds": 2}
    return CHANNEL.write(alert, Options.model_validate(chosen | more))


def sent(port, alert=OPENED, mailer=None, **more):
    return (mailer or SmtpMailer()).send(letter(port, alert, **more))


def refused(port, mailer=None, **more):
    with pytest.raises(DeliveryError) as caught:
        sent(port, mailer=mailer, **more)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


@pytest.fixture
def box():
    with mail_server() as found:
        yield found


@pytest.fixture
def mailer(certificate):
    """Trusts the certificate of hook.example, and finds every host here."""
    file, _ = certificate
    return SmtpMailer(lambda *_: ["127.0.0.1"], lambda: ssl.create_default_context(cafile=file))


def test_a_mail_arrives_as_it_was_written(box):
    assert sent(box.port) == "SMTP 250 2.0.0"
    ((recipients, content, _),) = box.received
    assert recipients == ("data@example.com",)
    assert content.rstrip() == letter(box.port).message.rstrip()
    assert message_from_bytes(content, policy=default)["Subject"].startswith("ERROR: dest refers")


def test_a_hostile_alert_arrives_whole_and_at_nobody_else(box):
    sent(box.port, HOSTILE)
    ((recipients, content, _),) = box.received
    assert recipients == ("data@example.com",)
    assert content.rstrip() == letter(box.port, HOSTILE).message.rstrip()


def test_the_name_of_this_machine_is_not_told(box):
    sent(box.port)
    assert [each.host_name for each in box.sessions] == ["[127.0.0.1]"]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "code", "retry"),
    [
        ("451 4.7.1 greylisted CANARY-ANSWER", "SMTP 451 4.7.1", True),
        ("421 too busy CANARY-ANSWER", "SMTP 421", True),
        ("452 4.2.2 CANARY-ANSWER is full", "SMTP 452 4.2.2", True),
        ("550 5.1.1 no CANARY-ANSWER here", "SMTP 550 5.1.1", False),
        ("554 CANARY-ANSWER", "SMTP 554", False),
    ],
)
def test_a_refusal_is_final_or_passes_as_its_code_says(box, command, answer, code, retry):
    box.script[command] = [answer]
    error = refused(box.port)
    assert error.retry is retry
    assert error.message.endswith(code)
    assert box.received == []
    assert sent(box.port)


def test_where_some_recipients_are_refused_the_others_get_it_and_it_is_said(box):
    box.refused = {"gone@example.com": "550 5.1.1 CANARY", "full@example.com": "452 4.2.2 CANARY"}
    everybody = ["gone@example.com", "data@example.com", "full@example.com"]
    answer = sent(box.port, to=everybody)
    assert [each for each, _, _ in box.received] == [("data@example.com",)]
    assert answer == (
        "SMTP 250 2.0.0, not for gone@example.com: SMTP 550 5.1.1; not for full@example.com: SMTP 452 4.2.2"
    )


@pytest.mark.parametrize(("answers", "retry"), [(["550", "451"], True), (["550", "553"], False)])
def test_where_all_are_refused_it_is_tried_again_if_one_of_them_may_be_taken_later(box, answers, retry):
    box.refused = dict(
        zip(["a@example.com", "b@example.com"], (f"{each} no" for each in answers), strict=True)
    )
    assert refused(box.port, to=["a@example.com", "b@example.com"]).retry is retry
    assert box.received == []


def hang(_connection, over):
    over.wait(20)


def drip(connection, over):
    """A byte of an endless greeting every tenth of a second: no read ever times out."""
    connection.sendall(b"220-")
    while not over.wait(0.1):
        connection.sendall(b"x")


def hang_up(_connection, _over):
    """Closes at once."""


def not_smtp(connection, over):
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    over.wait(0.2)


def refuses_everybody(connection, over):
    connection.sendall(b"554 5.7.1 CANARY-ANSWER go away\r\n")
    over.wait(0.2)


def endless_line(connection, over):
    while not over.is_set():
        connection.sendall(b"2" * 65536)


def loses_the_answer(connection, _over):
    """Takes the message and hangs up."""
    connection.sendall(b"220 ready\r\n")
    stream = connection.makefile("rb")
    for answer in (b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"):
        stream.readline()
        connection.sendall(answer)
    while stream.readline() not in (b".\r\n", b""):
        pass


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (hang, "no answer within 0.5 s"),
        (drip, "no answer within 0.5 s"),
        (hang_up, "the connection ended without an answer in SMTP"),
        (not_smtp, "no answer in SMTP"),
        (refuses_everybody, "SMTP 554 5.7.1"),
        (endless_line, "SMTP 500"),
        (loses_the_answer, "the connection ended without an answer in SMTP"),
    ],
)
def test_a_server_that_fails_before_it_judged_the_message_is_asked_again(act, said):
    started = time.monotonic()
    with bare_server(act) as port:
        error = refused(port, timeout_seconds=0.5)
    assert error.retry
    assert said in error.message
    assert time.monotonic() - started < 3


def test_where_nobody_listens_it_is_tried_again():
    with bare_server(hang_up) as port:
        pass
    error = refused(port)
    assert error.retry
    assert "127.0.0.1 cannot be reached" in error.message


def test_starttls_encrypts_before_the_login_and_holds_the_certificate_against_the_name(certificate, mailer):
    with mail_server(login=(b"floe", PASSWORD.encode()), tls_context=certificate[1]) as box:
        login = {"host": "hook.example", "security": "starttls", "user": "floe", "password": PASSWORD}
        assert sent(box.port, mailer=mailer, **login) == "SMTP 250 2.0.0"
        assert [encrypted for _, _, encrypted in box.received] == [True]
        assert mailer.knock(letter(box.port, **login)) == "hook.example answers, and takes the login"


@pytest.mark.filterwarnings(
    "ignore:Requiring AUTH while not requiring TLS:UserWarning"
)  # of STARTTLS, after TLS
def test_tls_from_the_first_word_on(certificate, mailer):
    more = {"auth_require_tls": False, "ssl_context": certificate[1]}
    with mail_server(login=(b"floe", PASSWORD.encode()), **more) as box:
        login = {"host": "hook.example", "security": "tls", "user": "floe", "password": PASSWORD}
        assert sent(box.port, mailer=mailer, **login) == "SMTP 250 2.0.0"
        assert len(box.received) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_name_is_not_trusted(certificate, mailer, security):
    given = {"tls_context" if security == "starttls" else "ssl_context": certificate[1]}
    with mail_server(**given) as box:
        error = refused(box.port, mailer, host="other.example", security=security)
        assert "its certificate is not trusted" in error.message
        assert error.retry
        assert box.received == []


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(certificate):
    with mail_server(tls_context=certificate[1]) as box:
        nobody = SmtpMailer(lambda *_: ["127.0.0.1"])
        assert (
            "its certificate is not trusted"
            in refused(box.port, nobody, host="hook.example", security="starttls").message
        )
        assert box.received == []


def test_a_server_without_starttls_gets_neither_login_nor_message(box, mailer):
    login = {"security": "starttls", "user": "floe", "password": PASSWORD}
    error = refused(box.port, mailer, **login)
    assert "offers no STARTTLS; nothing was sent" in error.message
    assert box.received == []


def test_tls_where_there_is_none_fails_and_sends_nothing(box, mailer):
    assert "TLS failed" in refused(box.port, mailer, security="tls").message
    assert box.received == []


def test_a_wrong_password_is_found_by_the_health_check_and_tried_again(certificate, mailer):
    with mail_server(login=(b"floe", b"another"), tls_context=certificate[1]) as box:
        login = {"host": "hook.example", "security": "starttls", "user": "floe", "password": PASSWORD}
        with pytest.raises(DeliveryError, match=r"the login was refused \(SMTP 535") as caught:
            mailer.knock(letter(box.port, **login))
        assert caught.value.retry
        assert refused(box.port, mailer, **login).retry


def no_login(connection, over):
    connection.sendall(b"220 ready\r\n")
    connection.makefile("rb").readline()
    connection.sendall(b"250 hello\r\n")
    over.wait(0.2)


def test_a_server_that_takes_no_login_is_said_to_take_none(certificate, mailer):
    def act(connection, over):
        with certificate[1].wrap_socket(connection, server_side=True) as encrypted:
            no_login(encrypted, over)

    with bare_server(act) as port:
        login = {"host": "hook.example", "security": "tls", "user": "floe", "password": PASSWORD}
        error = refused(port, mailer, **login)
    assert error.retry
    assert "takes no login" in error.message


def test_the_health_check_sends_nothing(box):
    assert SmtpMailer().knock(letter(box.port)) == "127.0.0.1 answers"
    assert box.received == []


@pytest.mark.parametrize("address", REFUSED)
def test_no_mail_goes_to_an_address_that_no_receiver_has(address):
    error = refused(25, SmtpMailer(lambda *_: [address]))
    assert not error.retry
    assert address in error.message


def test_a_name_that_changes_its_mind_is_not_asked_twice(box):
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    assert sent(box.port, mailer=SmtpMailer(lambda *_: next(answers)), host="rebinding.example")
    assert next(answers) == ["169.254.169.254"]


def test_the_next_address_is_tried_where_nobody_is_at_the_first(box):
    assert sent(box.port, mailer=SmtpMailer(lambda *_: ["127.0.0.2", "127.0.0.1"]), host="two.example")
    assert len(box.received) == 1


@pytest.fixture
def post_office(platform, box):
    """A delivery with one mail channel, `post`, to the mailbox."""
    chosen = {"type": "email", "host": "127.0.0.1", "port": box.port, "security": "none"}
    chosen |= {"sender": "floe@example.com", "to": ["data@example.com"], "timeout_seconds": 2}
    return platform(post=chosen)


def test_through_the_outbox_a_greylisted_mail_arrives_once_and_later(
    post_office, box, post, clock, states, caplog
):
    caplog.set_level(logging.DEBUG)
    box.script["RCPT"] = ["451 4.7.1 CANARY-ANSWER come back later"]
    post(alert_parcel(channel="post"))
    report = post_office.drain("alert")
    assert (report.sent, report.retried) == (0, 1)
    assert "SMTP 451 4.7.1" in report.problems["post"]
    clock.pass_by(seconds=2)
    assert post_office.drain("alert").sent == 1
    assert states() == {KEY: "sent"}
    assert len(box.received) == 1
    ours = [each.getMessage() for each in caplog.records if each.name != "mail.log"]
    assert ours
    assert "CANARY" not in "\n".join(ours)


def test_through_the_outbox_a_mail_that_is_refused_for_good_is_given_up(
    post_office, box, post, states, store
):
    box.refused = {"data@example.com": "550 5.1.1 CANARY-ANSWER unknown"}
    post(alert_parcel(channel="post"))
    assert post_office.drain("alert").dead == 1
    assert states() == {KEY: "dead"}
    assert store.parcels()[0].reason == "127.0.0.1: not for data@example.com: SMTP 550 5.1.1"


def test_the_health_of_a_mail_channel_is_found(post_office):
    assert post_office.health_check() == {"post": ""}
