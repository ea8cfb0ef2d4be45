"""Nicks in sentences of many languages, and whether they are mentioned: for the server and for the page."""

from __future__ import annotations

MENTIONED = [
    ("bob", "Bob, hello"),
    ("bob", "@bob: hello"),
    ("[x]", "is [x] here"),
    ("Zoë", "ZOË!"),
    ("a.b", "hi a.b!"),
    ("-a-a", "x -a-a-a -a-a"),
    # Composed or not, and whatever the width
    ("José", "hola Jose\u0301!"),
    ("Jose\u0301", "hola JOSÉ!"),
    ("Ngo\u0302\u0323", "chào Ngộ nhé"),
    ("bob", "ｂｏｂ、聞いて"),
    ("パパ", "ﾊﾟﾊﾟは？"),
    # Without spaces: Chinese, Japanese, Thai, Lao, Khmer, Burmese
    ("王小明", "王小明你在吗"),
    ("王小明", "请问王小明，你在吗？"),
    ("李", "你好李"),
    ("さくら", "昨日さくらさんが来た"),
    ("タロウ", "タロウくん！"),
    ("สมชาย", "คุณสมชายอยู่ไหม"),
    ("ສົມ", "ທ່ານສົມຢູ່ໃສ"),
    ("សុខា", "តើសុខានៅឯណា"),
    ("မောင်", "ကိုမောင်ရေ"),
    # Latin nicks beside such scripts
    ("bob", "你好bob吗"),
    ("bob", "bobさん、こんにちは"),
    ("bob", "คุณbobครับ"),
    ("bob", "안녕bob"),
    ("王", "ok王ok"),
    # Korean: a particle may follow, but nothing may precede
    ("민수", "민수야 안녕"),
    ("민수", "그건 민수가 했어"),
    ("민수", "\u1106\u1175\u11ab\u1109\u116e야"),
    ("bob", "bob님 계세요?"),
    ("민수", "bob민수야"),
    # Arabic and Hebrew: one letter may precede
    ("أحمد", "أحمد، كيف حالك؟"),
    ("أحمد", "رأيت وأحمد معه"),
    ("bob", "قل لbob مرحبا"),
    ("سارة", "مرحبا سارة!"),
    ("דוד", "שלום דוד"),
    ("דוד", "תגיד לדוד"),
    ("bob", "שלום! מה שלומך, bob?"),
    # Indian scripts: vowel signs belong to the word
    ("राम", "राम, कैसे हो?"),
    ("सीता", "नमस्ते सीता।"),
    ("கண்ணன்", "வணக்கம் கண்ணன்!"),
    # Beside emoji
    ("bob", "👋bob👋"),
    ("王小明", "🎂王小明🎂"),
    ("Ёжик", "привет, ёжик"),
]
"""Of each nick, a sentence that mentions it."""

NOT_MENTIONED = [
    ("bob", "bobby kebob bob_ bob2 2bob"),
    ("ann", "annual hannah"),
    ("a.b", "axb"),
    ("[x]", "a[x]"),
    ("jose", "José Jose\u0301"),
    ("José", "Jose josé2"),
    ("ban", "ban\u0303ana ban\u0303"),
    ("王小明", "王大明，小明，王小 明"),
    ("สมชา", "สมชา่"),
    ("ก", "กี่"),
    ("민수", "김민수가 왔다"),
    ("가", "각각"),
    ("أحمد", "محمد أحمدي والأحمد"),
    ("bob", "وبbob"),
    ("דוד", "דודה הלדוד"),
    ("राम", "रामायण आराम"),
    ("कम", "कमी"),
    ("слон", "слоны заслон"),
    ("", "anything"),
]
"""Of each nick, a sentence that has its letters, but does not mention it."""
