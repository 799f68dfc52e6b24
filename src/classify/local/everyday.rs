//! Messages that hold nothing but everyday words: greetings, thanks, where an order is, a number, a heart.
//!
//! What a model has never seen it cannot judge, and what it then says is noise: a lone `0`, "lorem ipsum" or a greeting in a language
//! that it hardly reads came out as a safety report, some of them urgent. A message all of whose words stand in the closed list
//! below tells of no person's health, in any order of the words, and that is known without a model. One word outside the list, and
//! the model's word stands. So the list must stay free of bodies, people, medicines, quantities taken, and of words that mean harm in
//! another of its languages (German "die", Spanish "dolor", Italian "male"); words that are harmless only beside another stand with it
//! in [`PHRASES`].

use std::sync::LazyLock;

use regex::Regex;

use super::reading::Reading;

/// A message that the model gives less than this is left alone: nothing is done about it anyway.
const WORTH_A_LOOK: f32 = 0.05;

/// Single words, by language. Folded as messages are.
const WORDS: &[&str] = &[
    // English
    "hi hello hey hiya greetings welcome thanks thank thx ty tysm cheers please pls plz kindly ok okay okey yes yeah yep yup no nope nah \
     sure lol haha hahaha hmm um uh er well oh wow great nice perfect awesome cool love lovely speak manager",
    "me my we us our you your u ur yall guys it its this that the an is are was were am be been do does did can could will \
     would to for of on in at by from with about and or but so if as then where wheres when whens what whats which how hows why there \
     here now today tomorrow yesterday tonight monday tuesday wednesday thursday friday saturday sunday week weeks day days hour hours \
     minute minutes morning afternoon evening time soon still yet already again since until before after just only also any some all",
    "im ive id ill wanna want wanted need needed like know check see look find tell ask show send sent change update cancel cancelled \
     canceled return returns refund refunds refunded order orders ordered ordering package packages parcel parcels delivery deliver \
     delivered deliveries ship ships shipped shipping shipment tracking track tracked courier arrive arrives arrived arriving coming \
     invoice receipt bill billing account login log sign password email mail address website site app page link code coupon voucher \
     discount promo price prices cost costs pay paid payment store stores shop shops location hours stock available size \
     status eta number confirmation customer service support agent human person representative bot robot chat question quick newsletter \
     unsubscribe subscription free cheap cheaper",
    "test testing tests123 asdf asdfgh qwerty qwertyuiop foo bar baz blah bla null nil none undefined nan na ping pong html body",
    // Spanish
    "hola gracias muchas buenos buenas dias tardes noches favor donde esta estan mi mis su sus pedido pedidos paquete orden envio envios \
     quiero quisiera cancelar reembolso devolucion el la los las un una de del que hora horas abren cierran cuando llega llegara llego \
     cuanto cuesta factura contrasena olvide cuenta por para con en aceptan seguro tienda horario",
    // French
    "bonjour bonsoir salut merci beaucoup svp ou est ma mon mes commande commandes colis je voudrais veux souhaite annuler \
     remboursement mot passe oublie quels quel quelle sont vos votre horaires combien coute livraison livrez vous facture compte quand \
     arrive arrivera suivi les des et au",
    // German
    "hallo moin servus guten gruss danke vielen dank bitte wo ist meine mein meinen bestellung bestellungen paket pakete sendung ich \
     mochte stornieren wie lange dauert der das den versand lieferung liefern lieferzeit sie auch nach osterreich schweiz deutschland \
     rechnung passwort vergessen erstattung kundenkonto konto wann kommt kommen offnungszeiten ihre ihr kostet viel",
    // Italian
    "ciao buongiorno buonasera grazie prego dove il lo ordine ordini pacco vorrei rimborso annullare spedizione spedite consegna fattura \
     dimenticata dimenticato mio mia quanto costa quando arriva orari",
    // Portuguese
    "ola oi obrigado obrigada bom dia boa tarde noite cade meu minha onde encomenda quero gostaria cancelamento senha esqueci entrega \
     quando chega quanto custa tempo leva demora",
    // Dutch, Polish, Turkish, Vietnamese, Tagalog, Indonesian
    "goedemorgen goedemiddag goedenavond bedankt waar mijn bestelling pakket wanneer komt annuleren terugbetaling levering",
    "dzien dobry czesc dziekuje prosze gdzie jest moje moja moj zamowienie paczka przesylka kiedy zwrot anulowac dostawa faktura",
    "merhaba selam tesekkurler tesekkur ederim siparisim siparis nerede kargo kargom iade iptal ne zaman gelecek fatura adres adresimi \
     değiştirmek istiyorum",
    "xin chao cam on đon hang cua toi khi nao giao huy",
    "kumusta salamat po nasaan na ang ko kailan darating",
    "halo terima kasih dimana pesanan saya kapan sampai",
    // Russian, Ukrainian
    "здравствуйте привет добрый день вечер утро спасибо пожалуйста где мой моя заказ посылка когда придёт отменить отмените доставка \
     возврат хочу вернуть верните деньги за добрий дякую де моє замовлення коли",
    "сколько стоит идёт посылки забыл забыла пароль пароля сбросьте восстановить аккаунт кабинет счёт чек пришлите работаете открыты \
     воскресенье субботу выходные оплатить картой можно ли вы во до большое да ваш карту оплата курьер приедет придут почта",
    // Polish, Turkish and Dutch again: passwords, prices, hours, bills.
    "ile kosztuje wysyłka wysylka zapomniałem zapomniałam hasła hasło hasla czy jesteście czynni otwarci niedzielę sobotę godziny otwarcia \
     fakturę można płacić kartą kiedy przyjdzie tak dziękuję bardzo paczki",
    "şifremi unuttum kargo ücreti kadar açık mısınız pazar günü kredi kartı geçiyor mu faturamı gönderir misiniz gelir teslimat çok evet",
    "kan ik met ideal betalen hoe lang duurt verzending verzenden pakje wachtwoord vergeten factuur sturen u mij de het kost wat naar zijn \
     jullie zondag",
    "potete mandarmi inviarmi la siete aperti domenica carta",
    "lesebrille umtauschen zurückgeben zurückschicken",
    "attachment attachments image images photo photos file files jpg jpeg png pdf screenshot",
    // Arabic
    "كم تكلفة الشحن كلمة المرور نسيت الفاتورة من فضلكم هل تفتحون الجمعة تقبلون البطاقة الطرد التوصيل عنوان تغيير جزيلا نعم",
    "مرحبا أهلا السلام عليكم شكرا أين طلبي طلبيتي الطلب طلب متى يصل إلغاء أريد استرداد",
    // Korean
    "안녕하세요 안녕 감사합니다 고맙습니다 주문 주문한 취소 취소해 해 주세요 배송 언제 와요 오나요 도착해요 환불 환불해 어디 \
     영업 시간이 시간은 시간 어떻게 되나요 주말에도 주말 일요일에도 일요일 영업하나요 영업해요 몇 시에 시까지 열어요 여나요 배송비가 배송비는 배송비 얼마예요 얼마인가요 \
     비밀번호를 비밀번호 잊어버렸어요 잊었어요 로그인이 로그인 영수증 영수증을 보내 반품하고 반품 반품은 교환 싶어요 카드 결제 가능한가요 돼요 택배 택배가 \
     도착하나요 언제쯤 아직 왔어요 왔네요 빨리 주문번호 배송지 주소를 주소 바꾸고 변경 변경하고 네 고마워요 홈페이지가 사이트가 열려요",
];

/// What is written without spaces.
const WITHOUT_SPACES: &str = "你好 您好 请 請 帮我 修改 地址 谢谢 謝謝 请问 請問 我的 我想 我要 订单 訂單 包裹 快递 在哪里 在哪裡 在哪 什么时候 什麼時候 到 取消 退款 你们 您们 \
     几点 開門 开门 关门 营业时间 客服 吗 呢 了 \
     是的 对 好的 嗯 谢谢你 麻烦 我 运费 多少钱 多少 密码 忘记 忘了 登录 登录不上 账号 帐号 发票 开一下 发给 把 可以 能 刷 信用卡 银行卡 付款 支付宝 微信 送到 夏威夷 网站 网页 打不开 \
     退货 换货 还没到 没到 没收到 怎么 查一下 查询 物流 几天 多久 星期天 周末 营业 的 货 什么时候发 扣了两次款 扣了两次钱 扣款两次 收货 改一下 \
     送料 いくら 返品 交換 できますか 営業時間 何時 まで から パスワード 忘れました 忘れた ログインできません 領収書 請求書 支払い クレジットカード 使えますか 届きません まだ 変更 住所 \
     送ってください 発送 教えてください 日曜日 に で も こんにちは こんばんは おはよう ございます ありがとう 私の 注文 荷物 は の を が いつ \
     届きますか どこ ですか です キャンセル したい 返金 お願いします";

/// Words that are harmless beside each other only, and numbers, as expressions.
const PHRASES: &[&str] = &[
    // An order's number; shorter ones may be a dose. Single letters that are words.
    "[0-9]{5,}|[aeiouykn]",
    "a{3,}|z{3,}|x{3,}|h+m+|(?:ha){2,}h?|(?:blah?)+",
    r"good (?:morning|day|afternoon|evening)|all (?:good|fine|okay)|im (?:good|fine)|everything (?:is |was )?(?:fine|good|okay|ok|great)",
    r"feel(?:ing)? (?:great|fine|good|well)",
    r"no (?:side|adverse) (?:effects?|events?|reactions?)(?: at all| so far| whatsoever| yet)?",
    r"no reactions? (?:at all |so far |whatsoever )?(?:all (?:good|fine)|everything (?:is )?(?:fine|good|ok)|(?:im |i am )?(?:feel(?:ing)? )?(?:fine|great|good))",
    r"not (?:here|arrived|delivered|received|shipped|working|found) (?:yet )?(?:my|the) (?:order|package|parcel)|(?:order|package|parcel|delivery|shipment|it) (?:is |has |was )?(?:not |still not |hasnt |isnt )(?:here|arrived|come|delivered|shipped)",
    r"(?:order|package|parcel|delivery|shipment) (?:is |was )?(?:so |very |too |really )?late",
    r"tracking (?:number |link |page )?(?:is |has |was )?(?:not |stopped |been )?(?:moving|updating|updated|moved|working|stuck)",
    r"(?:you|u|yall|store|stores|shop|pharmacy)(?: guys)? (?:re |are |is )?(?:open|closed|close)",
    r"(?:data|information|info|card|payment|details|account|privacy|site|website|checkout|app) (?:is |are )?(?:safe|secure|protected|private)",
    // Idioms about a service, not about a body; "sick of it all" is not among them.
    r"(?:so |just |really |pretty )?sick (?:and tired )?of (?:your|the|waiting)|hold (?:times?|music|line)|bleeding edge|burning question|rash decision",
    r"allergic to (?:bad|slow|poor|terrible) service|(?:site|website|app|checkout|portal|service) (?:is )?(?:gives|gave|giving) (?:me|us) (?:a|the) (?:worst )?headache(?: of my life)?",
    r"(?:wait|waiting|delay|suspense|hold music) is killing (?:me|us)",
    // A threat to go to law threatens nobody's health.
    r"(?:i |we )?(?:will |ill |well |shall |am going to |im going to |are going to |gonna )?(?:sue|be suing) (?:you|yall)(?: all| guys)?|if (?:this|it) (?:isnt|is not|doesnt get|does not get) (?:sorted|fixed|solved|resolved)(?: out)?",
    r"got (?:a |an |the )?(?:wrong )?size(?: [a-z]+)? instead of",
    r"lorem ipsum(?: dolor sit amet)?|consectetur adipiscing elit|sed do eiusmod tempor incididunt ut labore et dolore magna aliqua",
    r"(?:the )?quick brown fox (?:jumps|jumped) over the lazy dog",
    // Money that was taken: what is too much, or taken twice, may be a dose without it.
    r"(?:habe )?(?:zu viel|doppelt|zweimal) (?:bezahlt|abgebucht|berechnet)|(?:me|nos) (?:han cobrado|cobraron|cobro) (?:dos veces|doble|de mas)",
    r"non (?:mi )?e (?:ancora )?arrivat[oa]|jai (?:ete debite|paye) deux fois|fui cobrad[oa] duas vezes",
    r"jai ete (?:preleve|debite)e?s? deux fois|twee keer (?:afgeschreven|betaald)|er is|(?:pobrano|pobraliscie) (?:mi )?(?:pieniadze )?dwa razy|zwroccie (?:mi )?pieniadze|(?:деньги )?списали (?:деньги )?(?:дважды|два раза)|iki kere (?:para )?cekil[a-z]+|结账两次|결제가 두 번 됐어요",
    // What does not work is no person; what one cannot do is said of an account only.
    r"(?:ihr[e]? |die |der |das )?(?:webseite|website|internetseite|seite|app|kundendienst|kundenservice|hotline|server) (?:reagiert|ladt|funktioniert) nicht|(?:il |vostro )*sito non (?:risponde|funziona)|(?:la |su )?(?:pagina|web|aplicacion) no (?:responde|funciona)|strona nie (?:odpowiada|dziala|działa)|(?:ваш )?саит не (?:отвечает|работает|открывается)|(?:web )?sitesi (?:yanıt|yanit|cevap) vermiyor|de website reageert niet",
    r"nie moge (?:sie )?(?:zalogowac|wejsc na konto)|не могу (?:воити|заити)(?: в аккаунт| на саит)?|giris yapamıyorum|ik kan niet inloggen|khong đang nhap đuoc|quen mat khau",
    r"phi (?:ship|van chuyen|giao hang)|bao nhieu(?: tien)?|hoa đon|mo cua khong|chu nhat|bao gio|gui cho toi|thanh toan bang the|đuoc khong|shop|nhieu|nhe|vay",
    r"devolver (?:unas |una |el |la |los |las |un )?(?:gafas|pedido|paquete|articulos?|productos?)(?: de lectura)?|tudo bem|zijn jullie (?:op )?(?:[a-z]+dag )?open",
    // What a chat program puts in the place of a voice or a picture, and what one says into a microphone.
    r"voice message(?: [0-9]{1,2} [0-9]{2})?|img [0-9]{3,8}(?: jpe?g| png| heic| pdf)?|(?:testing |test )+one two three",
    // Vietnamese for "where"; without the word before it the folded word may be "hurts".
    r"mot de passe|sil vous plait|sil te plait|a que hora|cuanto tiempo|o đau",
];

/// "?", "!", what is pleasant or cross, and what shades and sexes are written with.
const SYMBOL: &str = "[?!¿¡❤♥♡👍👎👌👏🙏🙌🙂😀😁😃😄😅😆😂🤣😊😉😍🥰😘🤗🤔🙄😡😠😤🤷🤦🎉🎊💯✅☑✔⭐🌟💙💚💛🧡💜🖤🤍🤎💕💖💗☺😎✌🤝👋🔥📦🚚🏻🏼🏽🏾🏿♀♂]";

/// A number or a letter alone; not a number that people call, or type, in an emergency.
const ALONE: &str = "[0-9]{1,2}|[2-8][0-9]{2}|0(?:[1-9][0-9]|0[1-9])|1(?:[02-9][0-9]|1[013-7])|9(?:[02-7][0-9]|1[02-9]|8[0-79]|9[0-8])|[0-9]{4,}|[a-z]";

static ONLY: LazyLock<Regex> = LazyLock::new(|| {
    let words = WORDS.iter().flat_map(|words| words.split_whitespace()).map(fold);
    let phrases = PHRASES.iter().map(|phrase| (*phrase).to_owned());
    let alternatives: Vec<String> = words.chain(phrases).collect();
    let joined: Vec<String> = WITHOUT_SPACES.split_whitespace().map(fold).collect();
    Regex::new(&format!(
        "^(?:(?:{ALONE}) (?:{SYMBOL} )*|(?:(?:{SYMBOL}|{}) |(?:{}) ?)+)$",
        alternatives.join("|"),
        joined.join("|")
    ))
    .expect("the list is a constant, compiled by the tests")
});

/// A word as messages are read.
fn fold(word: &str) -> String {
    Reading::whole(word).text.trim_end().to_owned()
}

/// Whether a message to which the model gives the safety probability `safety` holds nothing but everyday words, so that the
/// probability is noise.
pub(super) fn is_noise(reading: &Reading, safety: f32) -> bool {
    safety >= WORTH_A_LOOK && ONLY.is_match(&reading.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everyday(text: &str) -> bool {
        is_noise(&Reading::whole(text), 1.0)
    }

    #[test]
    fn everyday_messages_are_known_in_many_languages() {
        for text in [
            "0",
            "y",
            "10093552",
            "❤️",
            "👍🏽",
            "???",
            "ok",
            "null",
            "aaaaaaa",
            "blah blah",
            "foo bar baz",
            "Hola!",
            "danke",
            "你好",
            "こんにちは",
            "안녕하세요",
            "مرحبا",
            "Здравствуйте",
            "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
            "the quick brown fox jumps over the lazy dog",
            "где мой заказ",
            "我的订单在哪里",
            "注文はいつ届きますか",
            "주문 취소해 주세요",
            "đơn hàng của tôi ở đâu",
            "siparişim nerede",
            "gdzie jest moje zamówienie",
            "waar is mijn bestelling",
            "¿A qué hora abren?",
            "liefern Sie auch nach Österreich",
            "dov'è il mio ordine",
            "vorrei un rimborso",
            "送料はいくらですか",
            "パスワードを忘れました",
            "交換できますか",
            "网站打不开",
            "运费多少钱?",
            "영수증을 보내 주세요",
            "일요일에도 영업해요?",
            "quên mật khẩu",
            "phí giao hàng bao nhiêu?",
            "не могу зайти в аккаунт",
            "ваш сайт не работает",
            "сколько стоит доставка?",
            "zapomniałam hasła, nie mogę się zalogować",
            "ile kosztuje wysyłka",
            "şifremi unuttum",
            "kargo ücreti ne kadar?",
            "wat kost verzending?",
            "die App funktioniert nicht",
            "il sito non funziona",
            "是的",
            "oi, tudo bem?",
            "Voice message (0:42)",
            "<attachment: IMG_0417.jpg>",
            "testing testing one two three",
            "mot de passe oublié",
            "Ich habe zu viel bezahlt",
            "Me cobraron dos veces",
            "j'ai payé deux fois",
            "la fattura non è arrivata",
            "Quanto tempo leva a entrega?",
            "Fatura adresimi değiştirmek istiyorum",
            "请取消我的订单70123",
            "Верните деньги за заказ 70123",
            "olvidé mi contraseña",
            "no reaction at all, all good",
            "No side effects, feeling great!",
            "is my data safe with you",
            "the wait is killing me",
            "this delay is killing me lol",
            "I will sue you if this isn't sorted",
            "im going to sue you guys",
            "my order is still not here",
            "im so sick of your hold times",
            "bleeding edge app, love it",
            "the site gives me the worst headache of my life",
        ] {
            assert!(everyday(text), "{text}");
        }
    }

    #[test]
    fn one_other_word_and_the_model_decides() {
        for text in [
            "911",
            "988",
            "call 911 please",
            "112",
            "999",
            "",
            "not ok",
            "im not fine",
            "no reaction at all",
            "no good",
            "it is open",
            "my package was open",
            "die",
            "I want to die",
            "i had 20 of these",
            "took 20",
            "where is my rash cream",
            "is it safe",
            "am i safe",
            "dolor",
            "hola, dolor",
            "где мой заказ, у меня сыпь",
            "我的订单在哪里 我头晕",
            "help",
            "ayuda por favor",
            "tôi đau",
            "goodbye",
            "😵",
            "💊",
            "it is not mine",
            "these are 25s, I'm on 12.5s",
            "20 of that",
            "is it 5 or 10",
            "i am late",
            "i cant see",
            "no effect",
            "feeling bad",
            "lorem ipsum overdose",
            "OD",
            "mg",
            "bonjour, ma fille",
            "ich will nicht mehr",
            "ich habe zu viel",
            "ich habe doppelt",
            "me dieron dos veces",
            "j'ai pris deux fois",
            "ölmek istiyorum",
            "请帮我，我头晕",
            "I won't be here tomorrow",
            "im sick of it all",
            "im so sick",
            "i am bleeding",
            "it gives me a headache",
            "не могу больше",
            "больше не могу",
            "не могу",
            "ik kan niet meer",
            "我不好",
            "죽고 싶어요",
            "quiero devolver",
            "tôi không được",
            "nie mogę",
            "one two three",
            "er reagiert nicht",
            "voice message: my chest",
            "忘记吃药了",
            "the rash decision to take 20 of them",
            "wait is killing my mother",
            "I will sue you, I got a rash",
            "the pills and the delay are killing me",
        ] {
            assert!(!everyday(text), "{text}");
        }
    }

    #[test]
    fn what_the_model_does_not_take_for_a_report_is_left_alone() {
        assert!(!is_noise(&Reading::whole("hola"), 0.01));
    }
}
