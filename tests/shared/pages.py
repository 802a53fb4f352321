"""What a page of the report looks like in a browser: expressions for `chromium.Browser.evaluate`."""

# Words that a reader sees: what is folded away has no box, or one that is hidden.
VISIBLE_WORDS = """(() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let words = 0;
  while (walker.nextNode())
    if (walker.currentNode.parentElement.checkVisibility({visibilityProperty: true}))
      words += walker.currentNode.textContent.split(/\\s+/).filter(Boolean).length;
  return words;
})()"""
NOT_CUT_OFF = """[...document.querySelectorAll('main *')].filter(one => !one.closest('.scroll, pre')
  && one.checkVisibility() && one.getBoundingClientRect().right > document.documentElement.clientWidth
  ).map(one => one.outerHTML.slice(0, 99))"""
NO_WIDER = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"
BOTTOM = "document.querySelector('.opening').getBoundingClientRect().bottom"


def quiet(browser, path):
    """Neither a console message nor an issue nor a request but for the page itself and data within it."""
    heard = browser.events(
        "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded"
    )
    urls = {event["params"]["request"]["url"] for event in browser.events("Network.requestWillBeSent")}
    return not heard and {url for url in urls if not url.startswith("data:")} == {path.resolve().as_uri()}
