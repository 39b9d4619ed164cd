"""The usual names of columns: data.

Names are as `columns.plain` writes them (small letters and digits only). Tiers are parted by `|`: a name of an
earlier tier
wins over one of a later tier; two columns of one tier are ambiguous. The first name is the canonical one. Sources:
exports of
QuickBooks Online and Desktop, Xero, Sage 50, DATEV and Lexware (German), Exact (Dutch), Sage/Cegid (French),
Contaplus/Holded
(Spanish), and the IBM sample ledger. Order of the fields matters: a column goes to the first field that wants it most.
"""

from __future__ import annotations

from .records import FileKind

_CODES = (
    "clientcode clientid clientno clientnumber clientref customercode customerid customerno customernumber "
    "customerref custno custid "
    "debtorcode debtorid debtorno debtornumber kundennr kundennummer kdnr debitorennr debitorennummer debitornr "
    "debitorenkonto "
    "personenkonto debiteurnummer debiteurennummer debiteurnr debiteurcode klantnummer klantnr klantcode relatiecode "
    "relatienummer "
    "codeclient numeroclient numerodeclient noclient numclient nclient compteclient comptetiers codetiers "
    "codigocliente codigodecliente codcliente numerodecliente numcliente nocliente ncliente idcliente"
)
_ACCOUNTS = (
    "accountnumber accountno accountcode accountref accountreference account ac konto kontonummer "
    "kontonr rekening compte cuenta"
)
_PARTIES = "customer debtor buyer kunde debitor debiteur klant relatie cliente contact"
_NAMES = (
    "clientname customername contactname debtorname accountname displayname kundenname debitorname klantnaam "
    "debiteurnaam relatienaam "
    "nomclient nomduclient raisonsociale nombrecliente nombredelcliente razonsocial | "
    "name fullname customerfullname naam nom nombre name1 bezeichnung intitule | "
    "company companyname organisation organization businessname tradingname firma firmenname bedrijf bedrijfsnaam "
    "societe empresa"
)
_EMAILS = (
    "email emailaddress | clientemail customeremail contactemail billingemail invoiceemail primaryemail mainemail "
    "mail emailadresse "
    "mailadresse emailadres courriel adressemail adresseemail adressecourriel adresseelectronique correo "
    "correoelectronico"
)
_COUNTRIES = (
    "country | countrycode billingcountry land landcode landkurzel landerkennzeichen laenderkennzeichen "
    "pays codepays pais codigopais"
)
_CURRENCIES = (
    "currency | currencycode curr ccy invoicecurrency wahrung waehrung wahrungscode waehrungscode wkzumsatz wkz "
    "valutacode munt "
    "munteenheid devise codedevise monnaie moneda divisa codigomoneda"
)
_TERMS = (
    "terms | paymentterms paymentterm term termscode creditterms duedays paymentdays netdays zahlungsbedingung "
    "zahlungsbedingungen "
    "zahlungsziel zahlungskondition zahlungskonditionen betalingsconditie betalingsvoorwaarden betaaltermijn "
    "betalingstermijn "
    "conditionsdepaiement conditiondepaiement delaidepaiement modalitesdepaiement condicionesdepago plazodepago "
    "terminosdepago"
)
_INVOICE_NUMBERS = (
    "invoicenumber invoiceno invoicenum invoiceid invno invnumber rechnungsnr rechnungsnummer rechnungnr renr rgnr "
    "factuurnummer "
    "factuurnr numerofacture numerodefacture nofacture nfacture numfacture numerofactura numerodefactura nofactura "
    "nfactura numfactura | "
    "invoice rechnung factuur facture factura | docnumber documentnumber documentno docno document belegnr "
    "belegnummer belegfeld1 "
    "boekstuknummer boekstuk numpiece numerodepiece npiece piece"
)

_CLIENTS = {
    "code": f"code | {_CODES} | {_ACCOUNTS} | number no id codigo debitor debiteur",
    "name": f"name | {_NAMES} | client {_PARTIES}",
    "email": _EMAILS,
    "phone": (
        "phone | phonenumber telephone telephonenumber tel mainphone telefon telefonnummer rufnummer telefoon "
        "telefoonnummer "
        "numerodetelephone telefono | mobile mobilephone handy mobil mobiel movil portable"
    ),
    "country": _COUNTRIES,
    "currency": _CURRENCIES + " valuta",
    "language": "language | lang languagecode locale sprache taal taalcode langue idioma",
    "time_zone": "timezone | tz zeitzone tijdzone fuseauhoraire zonahoraria",
    "debtor_type": "debtortype | clienttype customertype kundentyp kundenart klanttype typeclient typedeclient "
    "tipocliente tipodecliente",
    "terms": _TERMS,
    "credit_limit": (
        "creditlimit | kreditlimit kreditlinie kredietlimiet limitedecredit plafonddecredit encoursautorise "
        "limitedecredito limitecredito"
    ),
}

_INVOICES = {
    "number": f"number | {_INVOICE_NUMBERS} | num no transactionnumber",
    "client": f"client | {_CODES} | {_PARTIES} | {_ACCOUNTS}",
    "issued_on": (
        "issuedon | invoicedate issuedate dateissued issued invoicedon rechnungsdatum redatum rgdatum "
        "ausstellungsdatum factuurdatum "
        "datefacture datedefacture datefacturation datedefacturation datedemission fechafactura fechadefactura "
        "fechaemision "
        "fechadeemision | documentdate docdate billdate transactiondate txndate belegdatum datepiece datedepiece | "
        "date datum fecha"
    ),
    "due_on": (
        "dueon | duedate datedue due paymentdue payby falligkeit faelligkeit falligam faelligam fallig faellig "
        "falligkeitsdatum "
        "faelligkeitsdatum zahlbarbis vervaldatum vervaldag echeance dateecheance datedecheance vencimiento "
        "fechavencimiento "
        "fechadevencimiento fechavto"
    ),
    "amount": (
        "amount | invoiceamount invoicetotal totalamount grossamount amountgross grosstotal totalgross totalinctax "
        "totalincvat "
        "totalincludingtax originalamount documentamount rechnungsbetrag bruttobetrag gesamtbetrag gesamtbrutto "
        "endbetrag factuurbedrag "
        "totaalbedrag bedragincl bedraginclbtw totaalinclbtw montantttc totalttc importetotal importefactura "
        "totalfactura | "
        "total gross betrag brutto summe umsatz bedrag totaal montant ttc importe"
    ),
    "currency": _CURRENCIES + " valuta",
    "terms": _TERMS,
    "reference": (
        "reference | clientreference customerreference yourreference yourref ponumber pono po purchaseorder "
        "purchaseordernumber "
        "customerpo bestellnummer bestellnr ihrzeichen uwreferentie bestelnummer votrereference numerodecommande "
        "bondecommande "
        "sureferencia numerodepedido pedido | ref ordernumber orderno auftragsnummer auftragsnr referenz belegfeld2 "
        "referentie referencia"
    ),
    "client_name": f"clientname | {_NAMES} | {_PARTIES}",
    "client_email": _EMAILS,
    "country": _COUNTRIES,
    "settled_on": (
        "settledon | settleddate datesettled paidon paiddate datepaid fullypaidondate paidat datecleared cleareddate "
        "clearingdate "
        "bezahltam zahldatum ausgleichsdatum ausgeglichenam betaaldop betaaldatum payele datepaye fechacobro "
        "fechadecobro | "
        "paymentdate zahlungsdatum datedepaiement datepaiement datereglement datedereglement fechadepago fechapago"
    ),
    "paid_amount": (
        "paidamount | amountpaid invoiceamountpaid bezahlterbetrag gezahlterbetrag betaaldbedrag montantpaye "
        "montantregle dejapaye "
        "importepagado importecobrado"
    ),
    "open_amount": (
        "openamount | openbalance amountdue invoiceamountdue balancedue amountoutstanding outstandingamount "
        "outstanding offenerbetrag "
        "restbetrag offenersaldo openstaandbedrag openstaandsaldo openstaand restedu resteapayer montantdu soldedu "
        "importependiente "
        "saldopendiente pendiente | balance saldo solde offen"
    ),
}

_RECEIPTS = {
    "client": f"client | {_CODES} | {_PARTIES} | {_ACCOUNTS} | {_NAMES}",
    "invoice": f"invoice | {_INVOICE_NUMBERS} | number",
    "received_on": (
        "receivedon | receiptdate datereceived paymentdate paidon datepaid paiddate zahlungsdatum zahlungseingang "
        "eingangsdatum "
        "ontvangstdatum betaaldatum datedepaiement datepaiement datereglement datedereglement dateencaissement "
        "datedencaissement "
        "fechadepago fechapago fechacobro fechadecobro | valuedate transactiondate txndate bookingdate wertstellung "
        "buchungstag "
        "buchungsdatum boekdatum dateoperation fechavalor | date datum fecha"
    ),
    "amount": (
        "amount | paymentamount receivedamount amountreceived receiptamount paidamount amountpaid zahlbetrag "
        "zahlungsbetrag "
        "betaaldbedrag ontvangenbedrag montantpaye montantregle montantrecu importepagado importecobrado | "
        "total betrag umsatz bedrag montant importe"
    ),
    "currency": _CURRENCIES,
    "method": (
        "method | paymentmethod paymenttype paidby tendertype zahlungsart zahlungsweise zahlart betaalmethode "
        "betaalwijze betalingswijze "
        "modedepaiement modedereglement moyendepaiement formadepago mediodepago metododepago"
    ),
    "reference": (
        "reference | paymentreference bankreference transactionid transactionreference checknumber chequenumber "
        "zahlungsreferenz "
        "betalingskenmerk referencepaiement | ref verwendungszweck kenmerk mededeling communication libelle concepto "
        "referencia "
        "referentie referenz | memo description narrative omschrijving"
    ),
}

SYNONYMS = {FileKind.CLIENTS: _CLIENTS, FileKind.INVOICES: _INVOICES, FileKind.RECEIPTS: _RECEIPTS}

# Without these the file is unusable; each inner tuple is satisfied by any one of its fields.
REQUIRED = {
    FileKind.CLIENTS: (("code",),),
    FileKind.INVOICES: (("number",), ("client",), ("issued_on",), ("amount",)),
    FileKind.RECEIPTS: (("client", "invoice"), ("received_on",), ("amount",)),
}

# A required field without a column of its own is read from this one.
FALLBACKS = {"code": "name", "client": "client_name", "amount": "open_amount"}
