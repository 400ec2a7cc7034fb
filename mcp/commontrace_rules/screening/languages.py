"""Orders to the model in other languages: a verb of dropping and what is to be dropped, in either order."""

from collections.abc import Iterator
from functools import cache

from commontrace_rules.screening.prefilter import Sieve, compiled, required
from commontrace_rules.screening.rules import INDEX, REFUSED, Hit, Rule, Table

# ruff: noqa: RUF001 - other scripts look like this
_DROPPED = (
    # language, verbs of dropping, what is dropped
    ("german", r"(?:gelten|gilt) (?:ab jetzt |jetzt |nun )?nicht|ungültig|hinfällig|außer kraft|schau nicht auf|befolge nicht|vergiss(?:t)?|vergesst|vergessen sie|ignorier(?!t(?! (?:alle|bitte|sämtlich|jede)))|missacht|übergeh|verwerf|verwirf|aufgehoben|nicht (?:mehr )?beacht|setz(?:e|t)? dich über", r"nutzer|sicherheitsregel|anweisung|anleitung|regeln|vorgabe|instruktion|befehl|was (?:dir|man dir|dir zuvor|ihnen) "),
    ("french", r"ne (?:sont|valent|s\'appliquent) plus|caduques?|(?:est|sont) annulée?s?|ne (?:suis|suivez|respecte[zr]?) (?:pas|plus)|ignore[zr]?\b|oublie[zr]?\b|néglige|ne ten(?:ez|ir) (?:pas|aucun) compte|fais abstraction|mets de côté|mettez de côté", r"utilisateur|instructions?\b|consignes?|règles?|directives?|ordres?\b|ce qui (?:t'|vous |a été)|ce qu'on (?:t|vous)"),
    ("spanish", r"ya no (?:valen|aplican|rigen|son válid)|(?:quedan|están) anulad|no tienen validez|no sigas|deja de seguir|ignora|ignore\b|olv[ií]da|olvide|descarta|omite|haz caso omiso|no hagas caso", r"lo anterior|usuario|instrucci[oó]n|indicaciones|órdenes|reglas|directrices|lo que (?:te|se te) "),
    ("portuguese", r"não valem mais|não se aplicam|(?:estão|ficam) anulad|não sigas?|pare de seguir|ignore\b|ignora|esqueça|esquece|desconsidere|desconsidera", r"instruções|instrucoes|regras|orientações|ordens|diretrizes|o que (?:te|lhe|foi) "),
    ("italian", r"non valgono|non si applicano|(?:sono|vengono) annullat|non seguire|ignora|ignorate|dimentica|trascura|non considerare", r"istruzion|regole|indicazioni|direttive|(?:ciò|quello) che ti "),
    ("dutch", r"gelden niet|vervallen|ongeldig|negeer|vergeet|sla\b[^\n]{1,30}\bover", r"gebruiker|instructies|opdrachten|regels|aanwijzingen|hierboven|wat je "),
    ("polish", r"nie obowiązuj|unieważni|nieważne|zignoruj|ignoruj|zapomnij|pomiń|przestań", r"instrukcj|polece|zasad|wskazów"),
    ("czech", r"neplatí|zruš|ignoruj|zapomeň|nedbej", r"pokyn|instrukc|příkaz|pravid"),
    ("nordic", r"ignorera|ignorer|glöm|glem|bortse|se bort", r"instruktion|instruks|anvisning|regler"),
    ("finnish", r"ohita|unohda|älä välitä", r"ohjee|ohjei|käsky|sääntö"),
    ("hungarian", r"hagyd figyelmen kívül|felejtsd el", r"utasítás|szabály"),
    ("romanian", r"ignoră|ignora|uită", r"instrucțiun|instructiun|reguli"),
    ("turkish", r"yok say|görmezden gel|dikkate alma|unut", r"talimat|yönerge|komut|kural"),
    ("russian", r"не действу|недействительн|отмен|игнорируй|проигнорируй|забудь|не обращай внимания|отбрось", r"инструкц|указан|команд|правил"),
    ("ukrainian", r"ігноруй|проігноруй|забудь", r"інструкц|вказів|правил"),
    ("greek", r"αγνόησ|αγνοήσ|ξέχνα|ξέχασ", r"οδηγί|εντολ|κανόν"),
    ("arabic", r"تجاهل|انس|تغاض", r"تعليمات|الأوامر|القواعد|التوجيهات"),
    ("persian", r"نادیده|فراموش کن", r"دستور|قوانین"),
    ("hebrew", r"התעלם|תתעלם|שכח", r"הוראות|ההנחיות|הכללים"),
    ("hindi", r"अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल", r"निर्देश|आदेश|नियम"),
    ("vietnamese", r"bỏ qua|phớt lờ|quên", r"hướng dẫn|chỉ dẫn|chỉ thị|mệnh lệnh|quy tắc"),
    ("indonesian", r"abaikan|lupakan", r"instruksi|perintah|aturan"),
    ("thai", r"เพิกเฉย|ละเว้น|ลืม|ไม่ต้องสนใจ", r"คำสั่ง|คำแนะนำ|กฎ"),
    ("chinese", r"失效|作废|作廢|无效|無效|忽略|无视|無視|忘记|忘掉|忘記|不要理会|不用管|不要遵守|不必遵守|忽視|抛开", r"指令|指示|说明|說明|提示|规则|規則|要求|限制|内容|內容|文本"),
    ("japanese", r"無効|無視|忘れ|従わない|解除", r"指示|命令|ルール|プロンプト|制約|指図"),
    ("korean", r"무효|무시|잊어|따르지", r"지시|명령|지침|규칙|프롬프트"),
)  # fmt: skip
_EARLIER = (
    r"系统提示|系統提示|系统规则|sistema|bisher|vorherig|vorig|alle\b|obig|früher|précédent|antérieur|ci-dessus|tout|toutes|anterior|previa|todas|todo|arriba|precedent|sopra"
    r"|tutte|eerder|vorige|alle|poprzedn|wszystki|wcześniejsz|předchoz|všechn|tidigare|tidligere|aiem|kaikki|edelli|korább|összes|anterio"
    r"|precedente|toate|önceki|tüm|bütün|предыдущ|все |прежн|ранее|попередн|усі|всі|προηγούμεν|όλες|السابقة|جميع|كل |قبلی|همه|הקודמות|כל |पिछल"
    r"|सभी|trước|tất cả|sebelum|semua|ก่อนหน้า|ทั้งหมด|之前|以前|上面|lo anterior|usuario|gebruiker|utilisateur|nutzer|今から|所有|先前|一切|以上|用户|使用者|ユーザー|사용자|alles\b|これまで|以前|すべて|全て|上記|이전|모든|앞의|위의"
)
_SECRETLY = (
    r"sans (?:en )?(?:prévenir|avertir|informer|demander)|ohne (?:[^\n]{0,30} )?zu (?:fragen|informieren|erwähnen|sagen)|sin (?:avisar|preguntar"
    r"|informar|decir)|sem (?:avisar|perguntar|informar)|senza (?:avvisare|chiedere|informare)|zonder (?:te vragen|[^\n]{0,30}te (?:informeren"
    r"|vertellen))|bez (?:pytania|informowania|wiedzy)|без (?:спроса|ведома|подтверждения|уведомления)|не (?:говори|сообщай|показывай)"
    r" (?:об этом )?пользовател|不要告诉|别告诉|不要告訴|不要让用户|ユーザーに(?:言わ|知らせ|伝え|見せ)|사용자에게 (?:알리지|말하지|보여주지)"
    r"|frag(?:e|t)? (?:den|die) (?:benutzer|nutzer|anwender|menschen)\w* nicht|verschweig\w*|ne demande(?:z)? (?:pas|rien) (?:à|la)|no (?:le |les )?(?:pidas|pregunt\w+) (?:permiso|al usuario)|dem (?:benutzer|nutzer|anwender)[^\n]{0,30}(?:nicht|nichts)|(?:ne|pas) [^\n]{0,20}à l'utilisateur|no (?:se lo )?(?:digas|menciones|muestres)"
    r"|kullanıcıya (?:söyleme|gösterme)|no preguntes|sin preguntar|ne demande(?:z)? (?:pas|rien)|sans confirmation|senza conferma|não pergunte|не спрашивай|묻지 ?(?:말고|마)"
    r"|不要询问|不要詢問|無需確認|无需确认|不用问|確認せず|frag(?:e|t)? (?:nicht|niemanden)|ohne (?:nachfrage|rückfrage|bestätigung)"
)
_SENT_AWAY = (
    r"(?<![a-z])(?:发送|發送|上传|傳送|发给|送信|アップロード|보내|전송|업로드|отправь|отправьте|загрузи|envía|enviar|envia|envíe|suba(?![a-z])|mande(?![a-z])|cargue|téléchargez|manda(?![a-z])|sube(?![a-z])|envoie|envoyez"
    r"|téléverse|schicke|sende|lade\b[^\n]{1,40}\bhoch|invia(?![a-z])|carica(?![a-z])|envie|wyślij|gönder|أرسل|gửi|kirim|stuur|verstuur)"
    r"[^\n\](]{0,80}(?:https?://|环境变量|密钥|令牌|密码|環境変数|トークン|パスワード|환경 ?변수|토큰|비밀번호|переменн|токен|парол|ключ|clave|contraseña"
    r"|variables|mot de passe|jeton|umgebungsvariable|passwort|schlüssel|password|chiave|senha|chave|zmienn|hasł|\.env|\.ssh|/etc/)"
    r"|(?:环境变量|密钥|令牌|密码|環境変数|トークン|パスワード|환경 ?변수|토큰|비밀번호|\.env|\.ssh)[^\n]{0,40}(?:发送|發送|上传|发给|送信|アップロード|보내|전송|업로드|gönder)(?![^\n]{0,16}(?:请求|請求|します。|하세요|요청))"
    r"|(?<![a-z])(?:kopier\w*|füge?|trage?|gib|copie[zr]?|copia|pega|colle[zr]?|cole|ingresa|saisi\w*|inserisci|plak|wklej)\b[^\n](?:[^\n]{0,80})(?:schlüssel|passwort|zugangsdaten|clave|contraseña|mot de passe|\bclé|jeton|chiave|senha|sleutel|hasło|~/\.\w|\.env|\btoken)"
    r"[^\n]{0,80}https?://"
)


OTHERS = Table(
    (
        Rule("secrecy", _SECRETLY, "acts behind the person's back"),
        Rule("exfiltration", _SENT_AWAY, "asks to send secrets away"),
    ),
    INDEX,
)


@cache
def _sieve() -> Sieve[int]:
    return Sieve({place: required(verbs) for place, (_, verbs, _) in enumerate(_DROPPED)})


def foreign_orders(text: str) -> Iterator[Hit]:
    """Yield orders to the model in ``text``, in lower case, that are not in English."""
    for name, verbs, what in (_DROPPED[place] for place in sorted(_sieve().possible(text))):
        pattern = rf"(?:{verbs})[^\n]{{0,60}}?(?:{what})|(?:{what})[^\n]{{0,40}}?(?:{verbs})"
        for match in compiled(pattern).finditer(text) if compiled(verbs).search(text) else ():
            around = text[max(0, match.start() - 20) : match.end() + 30]
            if compiled(_EARLIER).search(around):
                yield Hit("override", REFUSED, f"asks to drop earlier instructions, in {name}", *match.span())
    yield from OTHERS.matches(text)
