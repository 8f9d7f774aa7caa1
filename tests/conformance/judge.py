# SPDX-License-Identifier: Apache-2.0
"""Compares what was seen with what is allowed."""

from model import ANY


def lacks(message, wanted, what):
    """Why the message does not have these properties; empty when it has."""
    for key, value in wanted.items():
        if key == "fields":
            for name, text in value.items():
                have = message.all(name)
                if have != (text if isinstance(text, list) else [text]):
                    return f"{what} has {name}: {have}, not {text!r}"
        elif key == "absent":
            for name in value:
                if message.all(name):
                    return f"{what} has {name}: {message.all(name)}"
        elif key == "has":
            for name in value:
                if not message.all(name):
                    return f"{what} lacks {name}"
        elif key == "trailers":
            if dict(message.trailers) != value:
                return f"{what} has trailers {message.trailers}"
        elif getattr(message, key) != value:
            return f"{what} has {key} {str(getattr(message, key))[:60]!r}, not {str(value)[:60]!r}"
    return ""


def differs_tunnel(outcome, want):
    if outcome.switched is None:
        return "no 101, but %s" % ([a.status for a in outcome.answers] or "no answer")
    if tuple(outcome.interim) != want.interim:
        return f"1xx {outcome.interim}, not {list(want.interim)}"
    for what, have, due in (("origin", outcome.through, want.raw), ("client", outcome.raw, want.raw.upper())):
        if have != due:
            return f"the {what} got {have[:60]!r} through the tunnel, not {due[:60]!r}"
    if outcome.end != "closed":
        return f"the tunnel is {outcome.end}, not closed"
    return lacks(outcome.switched, want.response, "the 101")


def differs(outcome, want, scripted):
    """Why the outcome is not this one; empty when it is."""
    if want.seen not in (len(outcome.requests), ANY):
        return f"the origin saw {len(outcome.requests)} requests, not {want.seen}"
    if want.kind == "tunnel":
        return differs_tunnel(outcome, want)
    if want.kind == "silent":
        return f"status {outcome.answers[0].status}, not silence" if outcome.answers else ("" if outcome.end == "closed" else "no close")
    if not outcome.answers:
        return "no answer, closed" if outcome.end == "closed" else "no answer, no close"
    if len(outcome.answers) != want.answers:
        return f"{len(outcome.answers)} answers, not {want.answers}: {[a.status for a in outcome.answers]}"
    last = outcome.answers[-1]
    if last.status not in want.statuses:
        return f"status {last.status}, not {'/'.join(map(str, want.statuses))}"
    from_origin = last.get("x-origin") is not None
    if want.kind == "accepted" and not scripted and not from_origin:
        return "the answer is not the origin's"
    if want.kind == "refused" and from_origin:
        return "the answer is the origin's"
    if last.whole != want.whole:
        return "the answer looks whole" if last.whole else "the answer is cut"
    if last.until_close and not want.whole:
        return "a broken answer of which nobody can see that it is"
    if want.end != "any" and outcome.end != want.end:
        return f"the connection is {outcome.end}, not {want.end}"
    if want.interim is not None and tuple(outcome.interim) != want.interim:
        return f"1xx {outcome.interim}, not {list(want.interim)}"
    if want.request:
        fault = lacks(outcome.requests[-1], want.request, "the request at the origin")
        if fault:
            return fault
    return lacks(last, want.response, "the answer") if want.response else ""


def judge(case, outcome):
    """("ok", ""), ("mute", why): safe, but the peer closed without a word; or ("FAIL", why)."""
    if outcome.faults:
        return "FAIL", "at the origin: " + outcome.faults[0]
    if outcome.dead:
        return "FAIL", "a plain request afterwards was not answered with its own answer"
    if outcome.malformed:
        if any(not w.whole for w in case.wants()) and "unfinished head" in outcome.malformed:
            return "ok", ""
        return "FAIL", "the client got " + outcome.malformed
    reasons = [differs(outcome, want, case.answer is not None) for want in case.wants()]
    if "" in reasons:
        return "ok", ""
    refusals = any(w.kind == "refused" or not w.whole for w in case.wants())
    if refusals and not outcome.answers and outcome.switched is None and outcome.end == "closed":
        if case.answer is not None or not outcome.requests:
            return "mute", reasons[0]
    return "FAIL", reasons[0]
