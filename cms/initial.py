"""What the first pages say, in both languages. Data, not code: editors rewrite it in the admin."""

from typing import Any

Content = dict[str, Any]

TAGLINE = (
    "Lapak bersama UMKM Kota Malang, Kabupaten Malang, dan Kota Batu. Dikelola bersama dinas yang mendampingi mereka."
)
TAGLINE_EN = (
    "The shared stall of small businesses in Malang City, Malang Regency and Batu City. "
    "Run together with the departments that assist them."
)

CRISPS = "kuliner/keripik-kerupuk/keripik-tempe"
CERAMICS = "kriya/keramik-gerabah/keramik"
MASKS = "kriya/topeng-ukir/topeng-malangan"
RATTAN = "kriya/anyaman/anyaman-rotan"
POTTERY = "kriya/keramik-gerabah/gerabah"
COFFEE = "kuliner/minuman-kopi-teh/kopi"


def _signs(english: bool) -> list[Content]:
    rows = [
        ("Sanan", "keripik tempe", "tempeh chips", CRISPS),
        ("Dinoyo", "keramik", "ceramics", CERAMICS),
        ("Polowijen", "topeng", "masks", MASKS),
        ("Balearjosari", "rotan", "rattan", RATTAN),
        ("Penanggungan", "gerabah", "pottery", POTTERY),
        ("Kayutangan", "kopi, rumah lawas", "coffee, old houses", COFFEE),
    ]
    return [
        {"name": name, "craft": craft_en if english else craft, "category": path, "address": "", "picture": None}
        for name, craft, craft_en, path in rows
    ]


def _link(label: str, address: str) -> Content:
    return {"label": label, "page": None, "address": address}


def _intent(icon: str, label: str, address: str) -> Content:
    return {**_link(label, address), "icon": icon}


def _products(heading: str, rule: str = "newest", category: str = "", count: int = 5) -> Content:
    return {"heading": heading, "rule": rule, "category": category, "chosen": [], "count": count}


HOME: dict[str, Content] = {
    "id": {
        "title": "Buatan Malang",
        "search_description": "Belanja langsung dari UMKM Kota Malang, Kabupaten Malang, dan Kota Batu. Izinnya diperiksa dinas.",
        "hero_title": "Buatan Malang, langsung dari tangan pembuatnya",
        "hero_text": "Satu keranjang untuk {shops} usaha se-Malang Raya. Izinnya diperiksa petugas dinas, bayarnya cukup sekali.",
        "hero_label": "Lihat {products} produk",
        "hero_address": "/cari/",
        "body": [
            (
                "intents",
                {
                    "intents": [
                        _intent("tag", "Oleh-oleh di bawah Rp50.000", "/cari/?q=oleh-oleh&harga_max=50000"),
                        _intent("hourglass", "Tahan 30 hari lebih", "/cari/?tahan=30"),
                        _intent("storefront", "Ambil sendiri di Klojen", "/cari/?terima=ambil&wilayah=35.73.02"),
                        _intent("moped", "Bisa bayar di tempat", "/cari/?terima=cod"),
                        _intent("seal-check", "Bersertifikat halal", "/cari/?izin=halal"),
                    ]
                },
            ),
            ("categories", {"heading": "Mau cari apa?"}),
            ("products", _products("Baru lolos kurasi")),
            (
                "signs",
                {"heading": "Mampir ke sentranya", "signs": _signs(False), "more": _link("Semua sentra", "/sentra/")},
            ),
            (
                "story_band",
                {
                    "eyebrow": "Cerita dari Kayutangan",
                    "quote": "Rumahnya bangunan tua dengan jendela krepyak, dari situlah namanya.",
                    "text": "Kopi Jendela Lawas menyangrai biji dari lereng Arjuno, Kawi, dan Dampit di kedai kecil koridor Kayutangan.",
                    "link": _link("Baca ceritanya", "/cerita/jendela-krepyak/"),
                    "picture": None,
                    "drawing": "jendela",
                    "picture_alt": "Jendela krepyak hijau sebuah kedai kopi tua di Kayutangan, secangkir kopi di ambangnya",
                },
            ),
            (
                "reasons",
                {
                    "heading": "Aman karena jelas",
                    "reasons": [
                        {
                            "icon": "seal-check",
                            "title": "Izin diperiksa petugas",
                            "text": "NIB, P-IRT, dan halal dicek satu per satu. Tanggalnya bisa kamu lihat di tiap toko.",
                        },
                        {
                            "icon": "hand-coins",
                            "title": "Bayar sekali, atau di tempat",
                            "text": "Belanja di banyak toko, bayarnya satu kali. Banyak toko juga menerima bayar di tempat.",
                        },
                        {
                            "icon": "lifebuoy",
                            "title": "Ada yang menjawab",
                            "text": "Barang tidak sesuai? Lapor dalam 2 hari kerja setelah diterima, kami bantu sampai selesai.",
                        },
                    ],
                },
            ),
            (
                "invitation",
                {
                    "heading": "Punya usaha di Malang Raya?",
                    "steps": ["Siapkan KTP dan NIB", "Isi dari HP, 15 menit", "Petugas memeriksa"],
                    "link": _link("Daftarkan usaha", "/daftar-umkm/"),
                },
            ),
        ],
    },
    "en": {
        "title": "Made in Malang",
        "search_description": "Shop straight from small businesses in Malang City, Malang Regency and Batu. Permits checked by their departments.",
        "hero_title": "Made in Malang, straight from the makers' hands",
        "hero_text": "One basket for {shops} businesses all over Malang Raya. Officers check their permits, and you pay just once.",
        "hero_label": "See {products} products",
        "hero_address": "/cari/",
        "body": [
            (
                "intents",
                {
                    "intents": [
                        _intent("tag", "Gifts under Rp50.000", "/cari/?q=oleh-oleh&harga_max=50000"),
                        _intent("hourglass", "Keeps 30 days or more", "/cari/?tahan=30"),
                        _intent("storefront", "Pick up in Klojen", "/cari/?terima=ambil&wilayah=35.73.02"),
                        _intent("moped", "Cash on delivery", "/cari/?terima=cod"),
                        _intent("seal-check", "Halal certified", "/cari/?izin=halal"),
                    ]
                },
            ),
            ("categories", {"heading": "What are you looking for?"}),
            ("products", _products("Fresh from review")),
            (
                "signs",
                {"heading": "Visit the craft centres", "signs": _signs(True), "more": _link("All centres", "/sentra/")},
            ),
            (
                "story_band",
                {
                    "eyebrow": "A story from Kayutangan",
                    "quote": "Its home is an old building with louvred windows, and that is where the name comes from.",
                    "text": "Kopi Jendela Lawas roasts beans from the slopes of Arjuno, Kawi and Dampit in a small shop in the Kayutangan quarter.",
                    "link": _link("Read the story", "/cerita/jendela-krepyak/"),
                    "picture": None,
                    "drawing": "jendela",
                    "picture_alt": "Green louvred windows of an old coffee shop in Kayutangan, a cup of coffee on the sill",
                },
            ),
            (
                "reasons",
                {
                    "heading": "Safe because it is clear",
                    "reasons": [
                        {
                            "icon": "seal-check",
                            "title": "Permits checked by officers",
                            "text": "NIB, P-IRT and halal are checked one by one. You see the date at each shop.",
                        },
                        {
                            "icon": "hand-coins",
                            "title": "Pay once, or on delivery",
                            "text": "Buy from many shops and pay a single time. Many shops also take cash on delivery.",
                        },
                        {
                            "icon": "lifebuoy",
                            "title": "Somebody answers",
                            "text": "Not what you ordered? Tell us within 2 working days of receiving it, and we help until it is settled.",
                        },
                    ],
                },
            ),
            (
                "invitation",
                {
                    "heading": "Do you have a business in Malang Raya?",
                    "steps": ["Have your KTP and NIB ready", "Fill it in by phone, 15 minutes", "An officer checks"],
                    "link": _link("Register your business", "/daftar-umkm/"),
                },
            ),
        ],
    },
}


def _text(html: str) -> tuple[str, Any]:
    return ("text", html)


HELP_ID = (
    "<h2>Cara belanja</h2><p>Masukkan barang dari toko mana saja ke satu keranjang, lalu bayar satu kali. "
    "Tiap toko mengemas dan mengirim bagiannya sendiri, jadi paketmu bisa tiba terpisah.</p>"
    "<h2>Cara bayar</h2><ul><li>Kartu atau pembayaran daring, lewat halaman bayar yang aman.</li>"
    "<li>Bayar di tempat, kalau toko dan daerahmu mendukung.</li><li>Bayar di toko saat mengambil.</li></ul>"
    "<h2>Cara kirim</h2><ul><li>Kurir: ongkir dihitung dari berat dan jarak, terlihat sebelum kamu membayar.</li>"
    "<li>Diantar toko, di daerah yang mereka layani.</li><li>Ambil sendiri, gratis.</li></ul>"
    "<h2>Melacak pesanan</h2><p>Buka tautan di surel pesananmu, atau cari dengan nomor pesanan dan alamat surel.</p>"
    "<h2>Barang tidak sesuai</h2><p>Sampaikan dalam 2 hari kerja setelah barang diterima. Sertakan nomor pesanan dan foto.</p>"
)
HELP_EN = (
    "<h2>How to shop</h2><p>Put things from any shop into one basket and pay once. "
    "Each shop packs and sends its own part, so your parcels may arrive separately.</p>"
    "<h2>How to pay</h2><ul><li>By card or online, on a secure payment page.</li>"
    "<li>Cash on delivery, where the shop and your area allow it.</li><li>At the shop when you pick up.</li></ul>"
    "<h2>How it is sent</h2><ul><li>By courier: the price follows from weight and distance and shows before you pay.</li>"
    "<li>By the shop itself, in the area that it serves.</li><li>Pick it up yourself, free of charge.</li></ul>"
    "<h2>Following an order</h2><p>Open the link in your order's email, or find it by its number and your email address.</p>"
    "<h2>Not what you ordered</h2><p>Tell us within 2 working days of receiving it. Add the order number and a photo.</p>"
)
TERMS_ID = (
    "<h2>Siapa yang berjualan</h2><p>Pembelianmu adalah perjanjian antara kamu dan toko. Situs ini menghubungkan kalian, "
    "menerima pembayaran, dan meneruskannya ke toko.</p>"
    "<h2>Apa yang diperiksa dinas</h2><p>Identitas pemilik, alamat usaha, dan izin yang tampil sebagai lencana. "
    "Lencana hilang sehari setelah masa berlakunya lewat.</p>"
    "<h2>Data pribadimu</h2><p>Kami menyimpan nama, kontak, dan alamat untuk mengirim pesananmu, dan menyerahkannya hanya "
    "kepada toko yang mengirim. NIK dan nomor telepon disimpan tersandi. Kamu bisa mengunduh atau meminta penghapusan "
    "datamu lewat halaman akun, sesuai UU Nomor 27 Tahun 2022 tentang Pelindungan Data Pribadi.</p>"
    "<h2>Kuki</h2><p>Kuki hanya dipakai untuk keranjang, masuk akun, dan pilihan bahasa. Tidak ada kuki iklan.</p>"
)
TERMS_EN = (
    "<h2>Who sells</h2><p>Your purchase is an agreement between you and the shop. This site connects you, takes the payment "
    "and passes it on.</p>"
    "<h2>What the departments check</h2><p>Who the owner is, where the business is, and the permits that show as badges. "
    "A badge goes the day after its permit runs out.</p>"
    "<h2>Your personal data</h2><p>We keep your name, contact and address to send your order, and give them only to the shop "
    "that sends it. NIK and telephone numbers are stored encrypted. You can download your data or have it erased from your "
    "account page, under Law 27 of 2022 on the protection of personal data.</p>"
    "<h2>Cookies</h2><p>Cookies serve only the basket, signing in and the choice of language. There are none for advertising.</p>"
)

PAGES: list[tuple[str, str, dict[str, Content]]] = [
    (
        "sentra",
        "landing",
        {
            "id": {
                "title": "Sentra produksi",
                "introduction": "Satu kampung, satu keahlian. Enam tempat di Malang yang sejak lama hidup dari satu kerajinan.",
                "body": [
                    ("signs", {"heading": "Pilih sentranya", "signs": _signs(False), "more": _link("Semua toko", "/toko/")}),
                    ("products", _products("Dari Sanan: keripik tempe", "popular", CRISPS)),
                    ("products", _products("Dari Dinoyo: keramik", "popular", CERAMICS)),
                    ("products", _products("Dari Polowijen: topeng", "popular", MASKS)),
                    ("products", _products("Dari Balearjosari: rotan", "popular", RATTAN)),
                ],
            },
            "en": {
                "title": "Craft centres",
                "introduction": "One quarter, one craft. Six places in Malang that have long lived by a single skill.",
                "body": [
                    ("signs", {"heading": "Choose a centre", "signs": _signs(True), "more": _link("All shops", "/toko/")}),
                    ("products", _products("From Sanan: tempeh chips", "popular", CRISPS)),
                    ("products", _products("From Dinoyo: ceramics", "popular", CERAMICS)),
                    ("products", _products("From Polowijen: masks", "popular", MASKS)),
                    ("products", _products("From Balearjosari: rattan", "popular", RATTAN)),
                ],
            },
        },
    ),
    (
        "cerita",
        "stories",
        {
            "id": {"title": "Cerita", "introduction": "Orang, tempat, dan kebiasaan di balik barang-barang di sini."},
            "en": {"title": "Stories", "introduction": "The people, places and habits behind the things on sale here."},
        },
    ),
    (
        "bantuan",
        "article",
        {
            "id": {
                "title": "Cara bayar dan kirim",
                "introduction": "Dari keranjang sampai barang di tanganmu.",
                "body": [_text(HELP_ID)],
            },
            "en": {
                "title": "Paying and delivery",
                "introduction": "From the basket to your hands.",
                "body": [_text(HELP_EN)],
            },
        },
    ),
    (
        "syarat-dan-privasi",
        "article",
        {
            "id": {
                "title": "Syarat dan privasi",
                "introduction": "Siapa bertanggung jawab atas apa, dan apa yang kami lakukan dengan datamu.",
                "body": [_text(TERMS_ID)],
            },
            "en": {
                "title": "Terms and privacy",
                "introduction": "Who answers for what, and what we do with your data.",
                "body": [_text(TERMS_EN)],
            },
        },
    ),
    (
        "pengaduan",
        "form",
        {
            "id": {
                "title": "Sampaikan keluhan",
                "introduction": "<p>Tulis apa yang terjadi. Kalau soal pesanan, sertakan nomornya. Kami jawab lewat surel.</p>",
                "thanks": "<p>Keluhanmu sudah masuk. Kami baca semuanya dan menjawab lewat surel.</p>",
                "form_fields": [
                    {"label": "Nama", "field_type": "singleline", "required": True, "clean_name": "name"},
                    {"label": "Alamat surel", "field_type": "email", "required": True, "clean_name": "email"},
                    {"label": "Nomor pesanan", "field_type": "singleline", "required": False, "clean_name": "order"},
                    {"label": "Apa yang terjadi?", "field_type": "multiline", "required": True, "clean_name": "message"},
                ],
            },
            "en": {
                "title": "Make a complaint",
                "introduction": "<p>Tell us what happened. If it is about an order, add its number. We answer by email.</p>",
                "thanks": "<p>Your complaint has arrived. We read every one and answer by email.</p>",
                "form_fields": [
                    {"label": "Name", "field_type": "singleline", "required": True, "clean_name": "name"},
                    {"label": "Email address", "field_type": "email", "required": True, "clean_name": "email"},
                    {"label": "Order number", "field_type": "singleline", "required": False, "clean_name": "order"},
                    {"label": "What happened?", "field_type": "multiline", "required": True, "clean_name": "message"},
                ],
            },
        },
    ),
]

STORIES: list[tuple[str, dict[str, Content]]] = [
    (
        "jendela-krepyak",
        {
            "id": {
                "title": "Jendela krepyak di Kayutangan",
                "place": "Cerita dari Kayutangan",
                "introduction": "Rumahnya bangunan tua dengan jendela krepyak, dari situlah namanya.",
                "body": [
                    _text(
                        "<p>Koridor Kayutangan pernah jadi jalan belanja utama kota. Di salah satu rumah lamanya, sebuah kedai "
                        "kecil menyangrai kopi dari lereng Arjuno, Kawi, dan Dampit. Baunya sampai ke trotoar.</p>"
                        "<p>Biji dibeli langsung dari petani, disangrai sedikit-sedikit, dan dikemas di meja yang sama "
                        "tempat tamu minum. Mampir pagi hari, waktu cahaya masuk lewat krepyaknya.</p>"
                    ),
                    ("products", _products("Kopi dari sini", "popular", COFFEE, 4)),
                ],
            },
            "en": {
                "title": "Louvred windows in Kayutangan",
                "place": "A story from Kayutangan",
                "introduction": "Its home is an old building with louvred windows, and that is where the name comes from.",
                "body": [
                    _text(
                        "<p>Kayutangan was once the city's main shopping street. In one of its old houses a small shop roasts "
                        "coffee from the slopes of Arjuno, Kawi and Dampit. You can smell it from the pavement.</p>"
                        "<p>The beans are bought straight from farmers, roasted in small batches and packed at the very table "
                        "where guests drink. Come in the morning, when the light falls through the louvres.</p>"
                    ),
                    ("products", _products("Coffee from here", "popular", COFFEE, 4)),
                ],
            },
        },
    ),
    (
        "kampung-tempe-sanan",
        {
            "id": {
                "title": "Satu gang, ratusan wajan: keripik tempe Sanan",
                "place": "Cerita dari Sanan",
                "introduction": "Di gang-gang Sanan, tempe diiris setipis kartu dan digoreng dua kali.",
                "body": [
                    _text(
                        "<p>Sejak pagi kedelai direbus di dapur belakang, dan sorenya wajan-wajan menyala. Keripik tempe "
                        "Sanan tipis karena tempenya dibuat khusus: padat, dibungkus rapat, dan diiris saat masih segar.</p>"
                        "<p>Goreng dua kali membuatnya renyah sampai kota tujuan. Itu sebabnya rombongan bus berhenti di sini "
                        "sebelum pulang.</p>"
                    ),
                    ("products", _products("Keripik tempe", "popular", CRISPS, 4)),
                ],
            },
            "en": {
                "title": "One lane, hundreds of woks: Sanan's tempeh chips",
                "place": "A story from Sanan",
                "introduction": "In the lanes of Sanan tempeh is sliced as thin as a card and fried twice.",
                "body": [
                    _text(
                        "<p>Soybeans boil in the back kitchens from early morning, and by the afternoon the woks are lit. Sanan's "
                        "chips are thin because the tempeh is made for it: dense, tightly wrapped and sliced while fresh.</p>"
                        "<p>Frying twice keeps them crisp all the way home. That is why the tour buses stop here before they "
                        "leave.</p>"
                    ),
                    ("products", _products("Tempeh chips", "popular", CRISPS, 4)),
                ],
            },
        },
    ),
]


def _both(label: str, label_en: str, address: str) -> Content:
    return {"label": label, "label_en": label_en, "page": None, "address": address}


HEADER = [
    _both("Kategori", "Categories", "/kategori/"),
    _both("Sentra", "Craft centres", "/sentra/"),
    _both("Cerita", "Stories", "/cerita/"),
]
FOOTER = [
    {
        "title": "Belanja",
        "title_en": "Shopping",
        "links": [
            _both("Semua kategori", "All categories", "/kategori/"),
            _both("Semua toko", "All shops", "/toko/"),
            _both("Sentra produksi", "Craft centres", "/sentra/"),
            _both("Lacak pesanan", "Follow an order", "/pesanan/"),
            _both("Cara bayar dan kirim", "Paying and delivery", "/bantuan/"),
        ],
    },
    {
        "title": "Berjualan",
        "title_en": "Selling",
        "links": [
            _both("Daftarkan usaha", "Register your business", "/daftar-umkm/"),
            _both("Masuk ke toko", "Enter your shop", "/portal/"),
        ],
    },
    {
        "title": "Pengaduan",
        "title_en": "Complaints",
        "links": [
            _both("Sampaikan keluhan", "Make a complaint", "/pengaduan/"),
            _both("Syarat dan privasi", "Terms and privacy", "/syarat-dan-privasi/"),
        ],
    },
]
