"""What to write in each field of the form, with an example; for people who hand in their first case."""

from __future__ import annotations

from web.pages import Say


def name_of(field: str, say: Say) -> str:
    """The name of a field of the form."""
    names = {
        "title": say("Title"), "country": say("Country"), "agencies": say("Agencies"), "start": say("Year begun"),
        "end": say("Year ended, if it ended"), "place": say("Place"), "levels": say("Level of government"),
        "summary": say("Summary"), "problem": say("The problem"), "action": say("What was done"),
        "results": say("What came of it"),
        "lessons": say("Lessons"), "enabling": say("What made it possible"), "resources": say("Money, people and tools"),
        "transfer": say("What another place would need"),
    }  # fmt: skip
    return names[field]


def help_of(field: str, say: Say) -> tuple[str, str]:
    """(what to write, an example) of a field."""
    texts = {
        "title": (
            say("What was done and where, in one line."),
            say("Mobile registration boats for river villages in Luang Prabang"),
        ),
        "country": (say("The member state in which it was done."), ""),
        "agencies": (
            say("Full official names, one a line; the one in charge first."),
            say("Department of Provincial Administration"),
        ),
        "start": (say("In the Buddhist era or the Common Era; both are understood."), say("2018")),
        "end": (say("Leave it empty if it goes on."), say("2022")),
        "place": (say("Province, city or village; leave it empty if it was the whole country."), say("Luang Prabang")),
        "levels": (say("Who ran it; several may be right."), ""),
        "summary": (
            say("Two to four sentences: the problem, what was done, what came of it."),
            say("Villages were a day away from the office. A boat with two clerks now calls twice a month. "
                "Births registered in time rose from 41% to 78%."),
        ),
        "problem": (
            say("Who had which difficulty, since when, and how large it was, with figures and their source."),
            say("Of 1,200 births in 2017, 700 were not registered within 30 days (district statistics)."),
        ),
        "action": (
            say("The steps in their order: who did what, when, with which rule or order."),
            say("The governor signed the order in March 2018. Two clerks were trained to print certificates on the boat."),
        ),
        "results": (
            say("What changed, before and after, with figures and their source; what did not change as well."),
            say("Births registered in time rose from 41% (2017) to 78% (2020). Deaths are still registered late."),
        ),
        "lessons": (
            say("What you would do again, and what you would do differently. What failed is as useful as what worked."),
            say("Calls have to be announced a week ahead; the first three boats came unannounced and few people were there."),
        ),
        "enabling": (
            say("Law, leadership, trust, technology: without what would it not have worked?"),
            say("A ministerial regulation that lets clerks issue certificates outside the office."),
        ),
        "resources": (
            say("What it cost to set up and each year, in your currency, and how many people worked on it."),
            say("One boat (90 million kip), fuel of 4 million kip a month, two clerks."),
        ),
        "transfer": (
            say("What another agency would have to have or to change to do the same."),
            say("It suits places where people live along a river or a road and the office is more than two hours away."),
        ),
    }  # fmt: skip
    return texts[field]
