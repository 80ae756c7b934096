"""What kind of place a traffic source is: search engine, social network, video, shopping or AI assistant.

A list of our own, written from general knowledge. A source is a name (`facebook`) or a host
(`l.facebook.com`, `de.search.yahoo.com`, `amazon.co.uk`): the exact value is looked up first, then the host
without its country and without what sites put in front of it (`www.`, `m.`, `l.` …). Other parts of a large
site are other things (`mail.google.com` is no search engine) and have no category unless listed.
"""

from __future__ import annotations

from functools import lru_cache

CATEGORIES = {
    "search": "Search engine",
    "social": "Social network",
    "video": "Video",
    "shopping": "Shopping",
    "ai": "AI assistant",
    "none": "None of these",
}
"""Categories by slug. "none" takes a source out of the list."""

_BRANDS = {
    "search": """
        google bing yahoo duckduckgo baidu yandex ecosia brave qwant startpage sogou naver daum seznam ask aol
        dogpile excite lycos webcrawler mojeek swisscows metager info petalsearch coccoc haosou so 360 rambler
        msn alltheweb altavista cnet comcast biglobe goo nifty onet wp virgilio kvasir eniro najdi search-results
        infoseek avg babylon conduit sweetsearch gigablast presearch neeva yep you searx lilo fireball tut
        szukacz incredimail centurylink zapmeta
    """,
    "social": """
        facebook fb instagram ig twitter linkedin pinterest reddit tumblr snapchat tiktok threads bluesky mastodon
        discord telegram slack whatsapp wechat weibo qzone vkontakte vk odnoklassniki ok xing quora medium
        meetup flickr livejournal goodreads disqus deviantart foursquare yelp tripadvisor glassdoor blogger blogspot
        wordpress typepad digg stumbleupon delicious myspace ning nextdoor messenger line mixi plurk viadeo
        tagged hi5 badoo skyrock taringa renren douban zhihu tieba hatena ameblo naverblog instapaper pocket
        diigo folkd newsvine slashdot hackernews producthunt github stackoverflow stackexchange bebo
        classmates care2 cafemom couchsurfing dribbble behance gab parler gettr truthsocial minds
        kakao kakaotalk kakaostory snap pin trustpilot scoop paper yammer workplace hootsuite netvibes
        wikipedia patreon substack steemit weheartit ravelry letterboxd strava
        facebook_ads instagram_ads tiktok_ads snapchat_ads linkedin_ads twitter_ads pinterest_ads meta
        facebook_ad facebookads
    """,
    "video": """
        youtube vimeo dailymotion twitch netflix hulu disneyplus youku iqiyi bilibili niconico rumble odysee
        rutube veoh wistia ted crackle vevo viki metacafe brightcove videojug
    """,
    "shopping": """
        amazon ebay etsy walmart alibaba aliexpress shopify shopzilla shopping bigcommerce mercadolibre
        mercadolivre rakuten temu shein wish zalando otto idealo ceneo allegro kelkoo pricegrabber pricerunner
        nextag bizrate billiger geizhals ladenzeile stylight ladepeche target tmall taobao jd flipkart myntra
        lazada shopee bol cdiscount fnac stripe woocommerce magento wayfair overstock newegg bestbuy
        homedepot skroutz heureka galaxus digitec kaufland trovaprezzi twenga shopbot pricespy googleshopping
        igshopping checkout
    """,
    "ai": "chatgpt openai perplexity claude gemini copilot deepseek mistral grok poe phind kagi-assistant meta-ai",
}
_HOSTS = {
    "search": """
        search.brave.com search.yahoo.com search.aol.com search.msn.com cse.google.com search.smt.docomo.ne.jp
        search.google.com images.google images.google.com images.search.yahoo.com cn.bing.com ya.ru sp-web.search.auone.jp
        startsiden.no search.naver.com m.search.naver.com search.daum.net m.baidu.com so.com m.so.com 360.cn
        isearch.avg.com search.seznam.cz int.search.myway.com googleweblight.com kagi.com r.search.yahoo.com
        com.google.android.googlequicksearchbox adwords googleads google_ads bingads bing_ads microsoft_ads
        google.ads search.ukr.net lens.google.com
    """,
    "social": """
        t.co x x.com lnkd.in fb.me fb.com l.instagram.com l.facebook.com lm.facebook.com out.reddit.com old.reddit.com
        web.facebook.com business.facebook.com touch.facebook.com mobile.facebook.com l.threads.net threads.net threads.com
        bsky.app mastodon.social mastodon.online t.me web.telegram.org wa.me api.whatsapp.com web.whatsapp.com vk.com
        m.vk.com away.vk.com ok.ru news.ycombinator.com producthunt.com plus.google.com plus.url.google.com
        groups.google.com l.messenger.com youtube-community linktr.ee ameblo.jp s.weibo.com pin.it ift.tt
        com.linkedin.android android-app://com.linkedin.android com.facebook.katana com.instagram.android
        com.twitter.android vt.tiktok.com vm.tiktok.com ads.tiktok.com discord.gg hacker-news facebook-ads instagram-ads
        sites.google.com redd.it
    """,
    "video": """
        youtu.be yt-ads youtube-nocookie.com player.vimeo.com player.twitch.tv go.twitch.tv m.twitch.tv tv.youtube.com
        studio.youtube.com music.youtube.com com.google.android.youtube help.netflix.com jobs.netflix.com
    """,
    "shopping": """
        shop.app google-shopping shopping.google.com shopping.yahoo.com shopping.yahoo.co.jp shop.rakuten.co.jp
        item.rakuten.co.jp store.shopping.yahoo.co.jp smile.amazon.com checkout.shopify.com checkout.stripe.com
        m.alibaba.com rover.ebay.com item.taobao.com world.taobao.com
    """,
    "ai": """
        chatgpt.com chat.openai.com openai.com perplexity.ai claude.ai gemini.google.com bard.google.com
        copilot.microsoft.com edgeservices.bing.com chat.deepseek.com chat.mistral.ai grok.com meta.ai poe.com
        phind.com copilot.cloud.microsoft
    """,
}
_EXACT = {name: kind for kind, names in _HOSTS.items() for name in names.split()}
_NAMES = {name: kind for kind, names in _BRANDS.items() for name in names.split()}
_IN_FRONT = frozenset({"www", "www2", "m", "mobile", "l", "lm", "web", "touch", "search", "amp", "old", "r"})
_WORLDWIDE = frozenset({"com", "net", "org", "ai", "app", "info"})
_SECOND = frozenset({"co", "com", "org", "net", "ne", "gov", "ac"})
_COMMON = frozenset({
    "360", "so", "ask", "you", "info", "goo", "ok", "line", "medium", "pin", "snap", "scoop", "paper", "tagged", "ning",
    "pocket", "care2", "minds", "meetup", "workplace", "target", "wish", "otto", "shopping", "checkout", "search-results",
    "stripe", "ted", "wp", "tut", "avg", "claude", "grok", "poe", "threads", "slack", "bol", "gab", "yep", "brave", "meta",
})  # fmt: skip
"""Names that are words besides: as a host they need their own address, not any country's."""
_OWN = {
    "ask": "com", "goo": "ne.jp", "line": "me", "medium": "com", "meetup": "com", "target": "com", "wish": "com",
    "otto": "de", "ted": "com", "wp": "pl", "bol": "com", "slack": "com", "brave": "com", "you": "com", "so": "com",
    "360": "cn", "scoop": "it", "tagged": "com", "care2": "com", "minds": "com", "gab": "com", "stripe": "com",
    "ning": "com", "tut": "by", "avg": "com", "info": "com", "yep": "com", "meta": "com",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def category(source: str) -> str:
    """Slug of a source's category, empty for a source that is none of these. Letter case does not matter."""
    host = source.strip().casefold().rstrip("/.")
    found = _EXACT.get(host) or _NAMES.get(host) or _EXACT.get(host.removeprefix("www."))
    return found or _of_host(host)


def _of_host(host: str) -> str:
    """By the name that stands before the country: `search` for `de.search.yahoo.com`."""
    labels = host.split(".")
    if len(labels) < 2 or " " in host or not (labels[-1] in _WORLDWIDE or len(labels[-1]) == 2):
        return ""
    ends = 2 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND else 1
    name, front, end = labels[-ends - 1], labels[: -ends - 1], ".".join(labels[-ends:])
    if not all(part in _IN_FRONT or len(part) == 2 for part in front):
        return ""
    if name in _COMMON and _OWN.get(name) != end:
        return ""
    return _NAMES.get(name, "")
