"""Header texts of Meta Ads: zh, tw, ko, tr, pl, id, vi, th, ru, uk, sv, da, nb, cs."""

from __future__ import annotations

_MEANINGS = (
    "starts", "ends", "day", "campaign", "ad_group", "ad", "status", "spend", "impressions", "reach", "frequency",
    "link_clicks", "clicks", "results", "result_type", "cpa", "conversions", "conversion_value", "currency",
)  # fmt: skip


def _language(texts: str) -> dict[str, str]:
    """One text a meaning, in the order above; "-" where it isn't known."""
    found = dict(zip(_MEANINGS, (text.strip() for text in texts.split(" ; ")), strict=True))
    return {meaning: text for meaning, text in found.items() if text != "-"}


WORDS = {
    "zh": _language(
        "报告开始日期 | 报告开始 ; 报告结束日期 | 报告结束 ; 天 | 单日 | 日期 ; 广告系列名称 ; 广告组名称 ; 广告名称 ; 广告系列投放 | 投放状态 ; 已花费金额 | 花费金额 ; 展示次数 ; 覆盖人数 ; 频次 ; 链接点击量 ; 点击量(全部) | 点击量(所有) ; 成效 ; 成效指标 | 成效类型 ; 单次成效费用 ; 购物次数 | 购买 | 购物 ; 购物转化价值 | 购买转化价值 ; 货币 | 币种"
    ),
    "tw": _language(
        "分析報告開始 ; 分析報告結束 ; 天數 | 日期 ; 行銷活動名稱 ; 廣告組合名稱 ; 廣告名稱 ; 行銷活動投遞 | 投遞狀態 ; 花費金額 ; 曝光次數 ; 觸及人數 ; 頻率 ; 連結點擊次數 ; 點擊次數(全部) ; 成果 ; 成果指標 | 成果類型 ; 每次成果成本 ; 購買次數 ; 購買轉換值 ; 貨幣 | 幣別"
    ),
    "ko": _language(
        "보고 시작 ; 보고 종료 ; 일 | 날짜 ; 캠페인 이름 ; 광고 세트 이름 ; 광고 이름 ; 캠페인 게재 | 게재 상태 ; 지출 금액 | 소진 금액 ; 노출 ; 도달 ; 빈도 ; 링크 클릭 ; 클릭(전체) ; 결과 ; 결과 표시 도구 | 결과 유형 ; 결과당 비용 ; 구매 ; 구매 전환값 ; 통화"
    ),
    "tr": _language(
        "Rapor Başlangıcı | Raporlama başlangıcı ; Rapor Sonu | Raporlama sonu ; Gün | Tarih ; Kampanya Adı | Kampanyalar ; Reklam seti adı | Reklam setleri ; Reklam Adı | Reklamlar ; Kampanya Yayını | Yayın Durumu ; Harcanan Tutar ; Gösterim | Gösterimler ; Erişim ; Sıklık ; Bağlantı Tıklamaları | Bağlantı tıklaması ; Tıklamalar (Tümü) ; Sonuçlar ; Sonuç Göstergesi | Sonuç Türü ; Sonuç başına ücret ; Alışverişler | Satın Alma İşlemleri ; Alışveriş Dönüşüm Değeri | Satın alma dönüşüm değeri ; Para Birimi"
    ),
    "pl": _language(
        "Początek raportowania | Początek raportu | Rozpoczęcie raportowania ; Koniec raportowania | Koniec raportu | Zakończenie raportowania ; Dzień ; Nazwa kampanii ; Nazwa zestawu reklam ; Nazwa reklamy ; Wyświetlanie kampanii | Stan wyświetlania ; Wydana kwota ; Wyświetlenia ; Zasięg ; Częstotliwość ; Kliknięcia linku | Kliknięcia w link ; Kliknięcia (wszystkie) ; Wyniki ; Wskaźnik wyniku | Wskaźnik wyników | Typ wyniku ; Koszt wyniku | Koszt jednego wyniku ; Zakupy ; Wartość konwersji zakupów | Wartość konwersji zakupu ; Waluta"
    ),
    "id": _language(
        "Awal pelaporan | Laporan dimulai ; Akhir pelaporan | Laporan berakhir ; Hari | Tanggal ; Nama kampanye ; Nama set iklan ; Nama iklan ; Penayangan kampanye | Penayangan iklan | Status penayangan | Penayangan set iklan ; Jumlah yang dibelanjakan | Jumlah dibelanjakan ; Impresi ; Jangkauan ; Frekuensi ; Klik tautan ; Klik (semua) ; Hasil ; Indikator hasil | Jenis hasil ; Biaya per hasil ; Pembelian ; Nilai konversi pembelian ; Mata uang"
    ),
    "vi": _language(
        "Lượt bắt đầu báo cáo | Bắt đầu báo cáo ; Lượt kết thúc báo cáo | Kết thúc báo cáo ; Ngày ; Tên chiến dịch ; Tên nhóm quảng cáo ; Tên quảng cáo ; Phân phối chiến dịch | Trạng thái phân phối | Phân phối nhóm quảng cáo | Phân phối quảng cáo ; Số tiền đã chi tiêu ; Lượt hiển thị ; Người tiếp cận | Số người tiếp cận ; Tần suất ; Lượt click vào liên kết | Lượt nhấp vào liên kết ; Lượt click (tất cả) | Lượt nhấp (tất cả) ; Kết quả ; Chỉ báo kết quả | Loại kết quả ; Chi phí trên mỗi kết quả ; Lượt mua ; Giá trị chuyển đổi từ lượt mua ; Đơn vị tiền tệ"
    ),
    "th": _language(
        "เริ่มการรายงาน | การรายงานเริ่มต้น ; สิ้นสุดการรายงาน | การรายงานสิ้นสุด ; วัน ; ชื่อแคมเปญ ; ชื่อชุดโฆษณา ; ชื่อโฆษณา ; สถานะการแสดงโฆษณา | การแสดงโฆษณา ; จำนวนเงินที่ใช้จ่ายไป | จำนวนเงินที่ใช้จ่าย ; อิมเพรสชั่น | อิมเพรสชัน ; การเข้าถึง ; ความถี่ ; การคลิกลิงก์ ; คลิก (ทั้งหมด) ; ผลลัพธ์ ; ตัวบ่งชี้ผลลัพธ์ | ประเภทผลลัพธ์ ; ต้นทุนต่อผลลัพธ์ ; การซื้อ ; มูลค่าคอนเวอร์ชั่นการซื้อ ; สกุลเงิน"
    ),
    "ru": _language(
        "Дата начала отчетности | Начало отчетного периода ; Дата окончания отчетности | Окончание отчетного периода ; День ; Название кампании ; Название группы объявлений ; Название объявления ; Показ кампании | Статус показа ; Сумма затрат | Потраченная сумма ; Показы ; Охват ; Частота ; Клики по ссылке ; Клики (все) ; Результаты ; Индикатор результата | Тип результата ; Цена за результат ; Покупки ; Ценность конверсии покупок | Ценность конверсий покупок ; Валюта"
    ),
    "uk": _language(
        "Початок звітності ; Завершення звітності ; День ; Назва кампанії ; Назва групи оголошень ; Назва оголошення | Назва реклами ; Показ кампанії ; Витрачена сума | Сума витрат ; Покази ; Охоплення ; Частота ; Кліки посилання | Кліки за посиланням ; Кліки (усі) ; Результати ; Індикатор результату | Тип результату ; Ціна за результат ; Покупки ; Цінність конверсії покупок ; Валюта"
    ),
    "sv": _language(
        "Rapporteringen börjar | Rapporteringsstart ; Rapporteringen slutar | Rapporteringsslut ; Dag ; Kampanjnamn | Kampanjens namn ; Annonsuppsättningens namn | Annonsuppsättningsnamn ; Annonsnamn | Annonsens namn ; Kampanjvisning | Visningsstatus ; Spenderat belopp ; Visningar ; Räckvidd ; Frekvens ; Länkklickningar | Länkklick ; Klick (alla) | Klickningar (alla) ; Resultat ; Resultatindikator | Resultattyp ; Kostnad per resultat ; Köp ; Konverteringsvärde för köp ; Valuta"
    ),
    "da": _language(
        "Rapporteringsstart | Rapportering starter ; Rapporteringsslut | Rapportering slutter ; Dag ; Kampagnenavn | Kampagnens navn ; Annoncesættets navn | Navn på annoncesæt ; Annoncenavn | Annoncens navn ; Kampagnelevering | Leveringsstatus ; Brugt beløb | Forbrugt beløb ; Eksponeringer | Visninger ; Rækkevidde ; Hyppighed | Frekvens ; Klik på link | Linkklik ; Klik (alle) ; Resultater ; Resultatindikator | Resultattype ; Pris pr. resultat | Omkostninger pr. resultat ; Køb ; Konverteringsværdi for køb ; Valuta"
    ),
    "nb": _language(
        "Rapporteringsstart ; Rapporteringsslutt ; Dag ; Kampanjenavn | Navn på kampanje ; Annonsesettnavn | Navn på annonsesett ; Annonsenavn | Navn på annonse ; Kampanjelevering ; Beløp brukt | Brukt beløp ; Visninger | Eksponeringer ; Rekkevidde ; Frekvens ; Lenkeklikk | Klikk på lenke ; Klikk (alle) ; Resultater ; Resultatindikator | Resultattype ; Kostnad per resultat ; Kjøp ; Konverteringsverdi for kjøp ; Valuta"
    ),
    "cs": _language(
        "Začátek přehledu | Začátek vykazování ; Konec přehledu | Konec vykazování ; Den ; Název kampaně ; Název sady reklam ; Název reklamy ; Zobrazování kampaně ; Utracená částka ; Zobrazení | Imprese ; Dosah ; Frekvence ; Kliknutí na odkaz ; Kliknutí (všechna) | Kliknutí (vše) ; Výsledky ; Ukazatel výsledku | Typ výsledku ; Cena za výsledek ; Nákupy ; Hodnota konverzí nákupů | Hodnota konverze nákupů ; Měna"
    ),
}
# Breakdowns: age, gender, country, region, platform, placement, hour.
_BREAKDOWNS = {
    "zh": "年龄 ; 性别 ; 国家/地区 ; 地区 ; 平台 ; 版位 ; 时段(广告账户时区)",
    "tw": "年齡 ; 性別 ; 國家/地區 ; 區域 | 地區 ; 平台 ; 版位 ; 當日時段(廣告帳號時區)",
    "ko": "연령 ; 성별 ; 국가 ; 지역 ; 플랫폼 ; 노출 위치 ; 시간(광고 계정 시간대)",
    "tr": "Yaş ; Cinsiyet ; Ülke ; Bölge ; Platform ; Reklam Alanı ; Günün saati (reklam hesabı saat dilimi)",
    "pl": "Wiek ; Płeć ; Kraj ; Region ; Platforma ; Umiejscowienie ; Pora dnia (strefa czasowa konta reklamowego)",
    "id": "Usia ; Jenis kelamin ; Negara ; Wilayah ; Platform ; Penempatan ; Waktu (zona waktu akun iklan)",
    "vi": "Tuổi | Độ tuổi ; Giới tính ; Quốc gia ; Khu vực ; Nền tảng ; Vị trí quảng cáo ; Thời gian trong ngày (múi giờ của tài khoản quảng cáo)",
    "th": "อายุ ; เพศ ; ประเทศ ; ภูมิภาค ; แพลตฟอร์ม ; ตำแหน่งการจัดวาง ; เวลาของวัน (โซนเวลาของบัญชีโฆษณา)",
    "ru": "Возраст ; Пол ; Страна ; Регион ; Платформа ; Плейсмент | Место размещения ; Время суток (часовой пояс рекламного аккаунта)",
    "uk": "Вік ; Стать ; Країна ; Регіон ; Платформа ; Плейсмент ; Час доби (часовий пояс рекламного акаунта)",
    "sv": "Ålder ; Kön ; Land ; Region ; Plattform ; Placering ; Tid på dygnet (annonskontots tidszon)",
    "da": "Alder ; Køn ; Land ; Region ; Platform ; Placering ; Tidspunkt på dagen (annoncekontoens tidszone)",
    "nb": "Alder ; Kjønn ; Land ; Region ; Plattform ; Plassering ; Tidspunkt på dagen (annonsekontoens tidssone)",
    "cs": "Věk ; Pohlaví ; Země ; Oblast | Region ; Platforma ; Umístění ; Denní doba (časové pásmo účtu pro reklamu)",
}
for _code, _texts in _BREAKDOWNS.items():
    WORDS[_code] |= dict(
        zip(
            ("age", "gender", "country", "region", "publisher", "placement", "hour"),
            _texts.split(" ; "),
            strict=True,
        )
    )
# What no other platform writes in these languages.
MARKS = " | ".join(
    words[meaning]
    for words in WORDS.values()
    for meaning in ("starts", "ends", "spend", "link_clicks", "clicks", "ad_group", "result_type", "results")
    if meaning in words
)
