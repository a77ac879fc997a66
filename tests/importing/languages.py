"""Paragraphs in many languages, for what must be read and what must be left alone."""

RUSSIAN = (
    "Анатолий родился в небольшом городе на берегу реки в 1931 году. Его мать "
    "работала учительницей, а отец был железнодорожником. Когда началась война, семья "
    "уехала в Алма-Ату, где он впервые увидел горы."
)
KAZAKH = (
    "Әкем Қызылорда облысында туып өскен. Ол соғыстан кейін мұғалім болып жұмыс "
    "істеді, ал шешем үйде төрт бала тәрбиеледі. Біздің ауыл өзеннің жағасында "
    "орналасқан еді."
)
UZBEK = "Онам Қўқонда туғилган. Отам эса Тошкентда ўқитувчи бўлиб ишлаган. Ҳаётимиз оғир эди."
UKRAINIAN = (
    "Моя бабуся народилася в невеликому селі біля Києва. Її батько був учителем, а "
    "мати працювала в колгоспі."
)
FRENCH = (
    "Ma grand-mère est née à Orléans en été. Elle a été élevée près d'une forêt, où "
    "son père était garde. Après la guerre, elle s'est installée à Paris, très loin "
    "de sa mère."
)
GERMAN = (
    "Meine Großmutter wurde in Königsberg geboren. Später zog sie nach München, wo "
    "sie für eine große Brauerei tätig war. Über den Krieg sprach sie nie."
)
SPANISH = (
    "Mi abuela nació en un pequeño pueblo. ¿Dónde está? Su niñez fue difícil, pero "
    "siempre soñó con la música. ¡Qué alegría!"
)
PORTUGUESE = (
    "A minha avó nasceu em São Paulo. A sua infância não foi fácil, mas as canções da "
    "mãe davam-lhe coração."
)
ITALIAN = (
    "Mia nonna è nata in una città vicino al mare. Perché non tornò più? Così è la "
    "vita, più di così non c'è."
)
SWEDISH = (
    "Min mormor föddes på landet. Hon älskade skärgården och berättade ofta om "
    "kriget. Året därpå flyttade hon."
)
POLISH = (
    "Moja babcia urodziła się w Łodzi. Później mieszkała we Wrocławiu, gdzie poznała "
    "mojego dziadka. Często opowiadała o wojnie i o tym, jak żyła jej rodzina."
)
CZECH = (
    "Moje babička se narodila v Brně. Později žila v Praze, kde poznala mého dědečka. "
    "Často vyprávěla o válce a o tom, jak těžký byl život její rodiny."
)
SLOVAK = (
    "Moja babička sa narodila v Košiciach. Neskôr žila v Bratislave, kde spoznala "
    "môjho dedka. Často hovorila o vojne, ľuďoch a ťažkom živote."
)
HUNGARIAN = (
    "A nagymamám Szegeden született. Később Budapesten élt, ahol megismerte a "
    "nagyapámat. Gyakran mesélt a háborúról, őrült időkről és fűzfákról."
)
ROMANIAN = (
    "Bunica mea s-a născut într-un sat mic. După război s-a mutat la Bucureşti, unde "
    "şi-a întâlnit soţul."
)
TURKISH = (
    "Büyükannem İstanbul'da doğdu. Babası öğretmendi, annesi ise evde çalışırdı. "
    "Savaştan sonra aile Ankara'ya taşındı ve orada yeni bir hayata başladı."
)
ENGLISH = (
    "My mother’s café was the heart of the village – “a home for everyone”, she used "
    "to say. We never left."
)
JAPANESE = (
    "祖母は大正時代に京都で生まれました。戦争の後、家族は東京に引っ越しました。"
    "彼女はいつも笑っていました。"
)
CHINESE = "我的祖母出生在一个小村庄。战争结束以后，全家搬到了上海。她总是给我们讲过去的故事。"
CHINESE_TAIWAN = (
    "我的祖母出生在一個小村莊。戰爭結束以後，全家搬到了臺北。她總是給我們講過去的故事。"
)
KOREAN = (
    "할머니는 부산에서 태어나셨습니다. "
    "전쟁이 끝난 후 가족은 서울로 이사했습니다. 할머니는 항상 옛날 이야기를 들려주셨습니다."
)
GREEK = (
    "Η γιαγιά μου γεννήθηκε στη Θεσσαλονίκη. Μετά τον πόλεμο η οικογένεια μετακόμισε στην Αθήνα."
)
HEBREW = "סבתא שלי נולדה בכפר קטן ליד העיר. אחרי המלחמה המשפחה עברה לירושלים ושם חיה כל חייה."
ARABIC = (
    "ولدت جدتي في قرية صغيرة قرب المدينة. بعد الحرب انتقلت العائلة إلى القاهرة وعاشت "
    "هناك طوال حياتها."
)
RUSSIAN_SHORT = "Анна родилась в Омске."
RUSSIAN_CAPITALS = "АНАТОЛИЙ РОДИЛСЯ В НЕБОЛЬШОМ ГОРОДЕ НА БЕРЕГУ РЕКИ"
FRENCH_CAPITALS = "LÉON ÉTAIT NÉ À ORLÉANS. IL ÉTAIT ÉLÈVE DANS UNE ÉCOLE."
FRENCH_SHORT = "Il était à Paris, très loin de sa mère."
