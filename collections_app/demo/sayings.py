"""What people in the demo say and write."""

from __future__ import annotations

CALLS = {
    "promised": (
        "Had waited for the director's signature; will pay with the next run.",
        "Apologised, was on holiday. Pays by transfer.",
        "Confirmed the amount, pays all of it.",
    ),
    "no_answer": ("Rang out.", "Switchboard closed for the day."),
    "voicemail": ("Left name, number and the invoice numbers.", "Voicemail; asked to be rung back."),
    "dispute": ("Says part of the delivery was damaged.", "Price differs from their purchase order."),
    "call_back": ("In a meeting, asked for a call later.", "The person in charge is back tomorrow."),
    "says_paid": ("Says it went out last week, will send the remittance advice.", "Paid on Monday, they say."),
    "refused": ("Will not commit to a date. Cash flow is tight.", "Hung up when asked for a date."),
    "wrong_number": ("A private household; number is wrong.",),
}
DISPUTES = {
    "price": ("We agreed the old price list until the end of the quarter.",),
    "quality": ("Two panels flicker, photographs sent to support.", "The table top is scratched."),
    "not_received": ("One of three parcels never arrived.",),
    "not_ordered": ("Nobody here placed this order.",),
    "paid": ("Paid by card at the counter on the day.",),
    "duplicate": ("This is the same delivery as on the invoice before.",),
    "other": ("Our purchase order number is missing, so it cannot be booked.",),
}
VERDICTS = {
    "accepted": "Checked with the warehouse: they are right. A correction follows.",
    "rejected": "Proof of delivery sent; the amount stands.",
    "withdrawn": "Found the parcel in their goods-in.",
}
BLOCKS = {
    "hardship": "Lost their largest contract; agreed to talk again then.",
    "manual": "Managing directors are talking.",
    "legal": "Represented by a solicitor; write only to him.",
    "reply": "Asked a question about the invoice; answer is with the warehouse.",
    "insolvency": "Administrator appointed; claim to be filed.",
    "paid_search": "Sent a payment slip; looking for it at the bank.",
}
CANCELLED = (
    "Spoke with the managing director; pays on Friday.",
    "Goods returned, credit follows.",
)
NOTES = (
    "Prefers a call before eleven. Very friendly.",
    "New purchase ledger system since the summer; invoices need a PO number.",
    "Pays on the 15th and the last of the month, never in between.",
    "The studio moves in spring; ask for the new address.",
    "Asked for statements as PDF at the end of each month.",
    "Bookkeeping is outsourced; the bookkeeper works Tuesdays and Thursdays.",
    "Large project until the new year, expects higher orders.",
    "Do not ring during the trade fair in March.",
    "Wants one invoice a month instead of one per delivery.",
)
TASKS = {
    "decide": ("Payment plan offered instead of the agency.", "Kept open; their project ends soon."),
    "allocate": ("Allocated to the oldest invoice.",),
    "find_contact": ("Found the address on their website and confirmed it by phone.",),
    "find_payment": ("Found: it came from another account.", "Nothing came in; told the client."),
    "broken_promise": ("Rang again; new date agreed.", "No answer; the sequence goes on."),
    "outcome_unknown": ("Client confirms that it arrived.",),
}  # fmt: skip
LOOKED_AT = ("Rang them; they know what is open.", "Looked at; nothing else to do for now.")
VOIDED = ("Wrong client.", "Order cancelled before delivery.", "Issued twice by mistake.")
