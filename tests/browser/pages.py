"""Every page of the product, by name: its address, with ids of the demo in braces (site.py)."""

OPEN = "tryggare-natter-i-hemtjansten"
FULL = "studiebesok-valfardsteknik-i-drift"
STATES = {
    "open": OPEN,
    "full": FULL,
    "not yet open": "digital-samtalsbokning",
    "closed": "snorojning-vid-vardcentraler",
    "postponed": "skolmaltider-med-mindre-svinn",
    "cancelled": "rundabord-om-ramavtal",
    "held": "egenmonitorering-i-hemmet",
}
HIDDEN = {
    "draft": "ljus-pa-vintervagen",
    "scheduled": "hjalpmedel-som-kommer-i-tid",
    "called_off": "lakemedelstransporter-over-kvarken",
}

PUBLIC = {
    "list": "/{lang}/",
    "month": "/{lang}/?view=month",
    "filtered list": "/{lang}/?q=hemtj%C3%A4nst&kind=market_dialogue",
    "list without a hit": "/{lang}/?q=xyzzy",
    "past": "/{lang}/past",
    "organiser": "/{lang}/organisations/region-nordvalla",
    **{f"event {state}": f"/{{lang}}/events/{slug}" for state, slug in STATES.items()},
    "sign-up": f"/{{lang}}/events/{OPEN}/register",
    "sign-up to a full event": f"/{{lang}}/events/{FULL}/register",
    "sign-up that is closed": f"/{{lang}}/events/{STATES['closed']}/register",
    "look in your mail": "/{lang}/look-in-your-mail",
    "receipt": "/{lang}/r/{contact}?new=1",
    "receipt of who waits": "/{lang}/r/{waiting}?new=1",
    "own page": "/{lang}/r/{contact}",
    "own page of a colleague": "/{lang}/r/{colleague}",
    "own page of who waits": "/{lang}/r/{waiting}",
    "own page, withdrawn": "/{lang}/r/{withdrawn}",
    "own page, event cancelled": "/{lang}/r/{cancelled}",
    "own page, event postponed": "/{lang}/r/{postponed}",
    "own page, event held": "/{lang}/r/{held}",
    "add a person": "/{lang}/r/{contact}/add",
    "edit a person": "/{lang}/r/{contact}/{person}/edit",
    "swap a person": "/{lang}/r/{contact}/{person}/swap",
    "withdraw a person": "/{lang}/r/{contact}/{person}/withdraw",
    "withdraw all": "/{lang}/r/{contact}/withdraw",
    "correct the address": "/{lang}/r/{contact}/address",
    "hand over": "/{lang}/r/{contact}/contact",
    "handed over": "/{lang}/handed-over",
    "my links": "/{lang}/my",
    "my links sent": "/{lang}/my/sent",
    "privacy": "/{lang}/privacy",
    "privacy at an organiser": "/{lang}/privacy?organisation=region-nordvalla",
    "accessibility": "/{lang}/accessibility",
    "nothing here": "/{lang}/events/nothing-here",
}
ACCOUNT = {
    "sign in": "/account/sign-in",
    "forgotten password": "/account/passwords/forgotten",
    "forgotten password, sent": "/account/passwords/sent",
    "new password": "/account/passwords/{reset}",
    "invitation": "/account/invitations/{invitation}",
    "dead link": "/account/invitations/nonsense",
}
STAFF = {
    "profile": "/account/profile",
    "kept text": "/account/kept/{kept}",
    "dashboard": "/manage/",
    "events": "/manage/events",
    "events without a hit": "/manage/events?q=xyzzy",
    "new event": "/manage/events/new",
    **{
        f"event {state}, workspace": f"/manage/events/{{{state}_id}}"
        for state in ("open", "full", "draft", "scheduled", "postponed", "called_off", "held")
    },
    "edit event": "/manage/events/{open_id}/edit",
    "edit draft": "/manage/events/{draft_id}/edit",
    "copy event": "/manage/events/{open_id}/copy",
    "preview of a draft": "/manage/events/{draft_id}/preview",
    "documents": "/manage/events/{open_id}/documents",
    "registrations": "/manage/events/{open_id}/registrations",
    "registrations without a hit": "/manage/events/{open_id}/registrations?q=xyzzy",
    "registrations with a queue": "/manage/events/{full_id}/registrations",
    "no registrations": "/manage/events/{draft_id}/registrations",
    "add a registration": "/manage/events/{open_id}/registrations/new",
    "registration": "/manage/registrations/{registration_id}",
    "letters of an event": "/manage/events/{open_id}/letters",
    "log of an event": "/manage/events/{open_id}/log",
    "letters": "/manage/letters",
    "staff": "/manage/staff",
    "member of staff": "/manage/staff/{member_id}",
    "audit": "/manage/audit",
    "settings": "/manage/settings",
    "nothing here": "/manage/events/nothinghere",
}
MAILBOX = {"mailbox": "/dev/mail", "mail": "/dev/mail/{mail_id}"}
