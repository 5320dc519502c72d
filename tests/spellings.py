"""Names in many scripts, and spellings by which a reader looks for them."""

NAMES = {
    "greek": "Γένεση Κόσμος", "arabic": "كِتَابُ الأُمَّة", "russian": "Тови́та Ёлкин", "french": "Impôt généré",
    "hindi": "हिन्दी समिति", "hebrew": "הַלִּיכּוּד", "polish": "Łódź", "korean": "대한민국 국회", "chinese": "新疆 公安厅",
    "uyghur": "شىنجاڭ ئۇيغۇر", "turkish": "İstanbul IŞIK", "german": "Große Straße", "danish": "Ærø Ting", "thai": "รัฐสภาไทย",
    "tibetan": "བོད་ལྗོངས", "burmese": "မြန်မာ လွှတ်တော်", "japanese": "バチカン市国", "persian": "مجلس شورای", "vietnamese": "Quốc hội Việt Nam",
    "tamil": "தமிழ் நாடு", "adlam": "\U0001e906\U0001e92d\U0001e924\U0001e922\U0001e92a", "khmer": "រដ្ឋសភា",
}  # fmt: skip
SPELLINGS = [
    ("greek", "ΓΕΝΕΣΗ"), ("greek", "γενεση"), ("greek", "κοσμος"), ("greek", "Γένεση"), ("arabic", "كتاب"), ("arabic", "كِتَابُ"),
    ("arabic", "الامة"), ("russian", "Товита"), ("russian", "елкин"), ("french", "Impôt"), ("french", "généré"), ("french", "impot"),
    ("hindi", "हिन्दी"), ("hindi", "समिति"), ("hebrew", "הליכוד"), ("polish", "Lodz"), ("polish", "łódź"), ("korean", "국회"),
    ("korean", "민국"), ("chinese", "新疆"), ("chinese", "公安"), ("uyghur", "شىنجاڭ"), ("turkish", "istanbul"), ("turkish", "ışık"),
    ("german", "strasse"), ("german", "große"), ("danish", "aero"), ("thai", "สภา"), ("tibetan", "བོད"), ("burmese", "လွှတ်"),
    ("japanese", "ﾊﾞﾁｶﾝ"), ("japanese", "市国"), ("persian", "شوراى"), ("vietnamese", "viet nam"), ("tamil", "தமிழ்"),
    ("adlam", "\U0001e928\U0001e92d"), ("khmer", "សភា"),
]  # fmt: skip
