//! Cues of numbers that must stay readable, because the workflow needs them and they identify no person by themselves:
//! orders, tickets, lots, tracking numbers, national drug codes, doses, prices, versions, deliveries, lab values.

use super::pattern::Family;
use crate::privacy::sense::Sense;

pub(super) static FAMILY: Family = Family {
    cues: &[(
        Sense::Denies,
        "order, order number, order no, order #, order id, orders, ord, ord#, po, po number, purchase \
             order, order is, order ref, ordernumber, orderid, my order number is, ticket, ticket number, \
             ticket no, ticket id, ticket #, case, case number, case id, case no, incident, incident number, \
             reference, reference number, ref, ref no, ref number, ref #, ref:, confirmation, confirmation \
             number, confirmation code, booking reference, invoice, invoice number, invoice no, receipt, \
             receipt number, transaction, transaction id, transaction number, lot, lot number, lot no, lot #, \
             lot#, batch, batch number, batch no, tracking, tracking number, tracking no, tracking id, \
             tracking #, tracking code, tracking is, tracking number is, ups, usps, fedex, dhl, royal mail, \
             parcel, package, shipment, shipment number, shipping number, consignment, waybill, awb, ndc, ndc \
             code, ndc number, ndc#, upc, ean, gtin, isbn, sku, item, item number, item no, item #, product, \
             product id, product code, product number, part number, part no, model, model number, model no, \
             catalog number, catalogue number, version, firmware, build, release, error, error code, status \
             code, code, coupon, coupon code, promo code, promo, discount code, voucher, gift card, dose, \
             dosage, mg, strength, price, cost, costs, total, subtotal, amount, balance, delivered, delivery, delivery date, deliver, arrive, arrives, \
             arriving, arrived, ship, shipped, ships, shipping, eta, due, quantity, qty, count, pack of, lab, \
             result, results, a1c, glucose, cholesterol, ldl, hdl, tsh, bp, blood pressure, heart rate, \
             pulse, temperature, weight, height, score, level, levels, reading, page, store, store number, \
             store #, locker, aisle, pickup code, pick up code, survey code, appointment at, open until, \
             hours, rma, rma number, return number, return code, return id, sales order, so number, din, pzn, \
             icd, icd-10, cpt, hcpcs, cas, cas number, chargeback, customer id, customer number, customer no, \
             customer #, request id, request number, work order, service request, quote, quote number, \
             recall, recall number, expiry of the lot, delivery number, delivery code, order numbers, basket, \
             cart, cart id, shipment id, manufactured, mfg, made on, best before, use by, since, established, \
             edition, flight, tablets, units, chapter, volume, vol, order reference, complaint, \
             complaint number, complaint ref, chat id, session id, conversation id, log id, rewards points, \
             points, ndc is, nda, anda, patent, study, trial, nct, article, article number, section, bestellung, bestellnummer, bestell-nr, \
             auftragsnummer, sendungsnummer, chargennummer, commande, numéro de commande, pedido, número de pedido, \
             ordine, numero d'ordine, bestelling, bestelnummer, kundennummer, kunden-nr, kundennr, rechnungsnummer, \
             artikelnummer, numéro client, numéro de client, numéro de facture, número de cliente, número de factura, lote, codice cliente, numero \
             cliente, numero fattura, lotto, encomenda, número do pedido, klantnummer, factuurnummer, zamówienie, zamówienia, zamówieniu, numer klienta, numer \
             faktury, sipariş, siparişim, siparişi, sipariş no, sipariş numarası, müşteri no, müşteri numarası, müşteri numaram",
    )],
    patterns: &[],
};

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn an_order_stays_readable_whatever_small_word_stands_behind_it() {
        let redactor = Redactor::new();
        for text in [
            "where is order 66115 from last week",
            "stop order 66115 from shipping",
            "order number is 66115 in your system",
            "stuck order 66115 near the depot",
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), text);
        }
        for text in [
            "the order goes to zip 66115 in Kansas",
            "order for 66115 zip code",
            "I live in 66115, where is my order",
        ] {
            let redacted = redactor.redact(text).text;
            assert!(!redacted.as_str().contains("66115"), "{redacted}");
        }
    }
}
