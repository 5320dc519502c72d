// Written by `whereas build`: chooses among the files of a path as the server does (RFC 9110, § 12.5).
// For the njs module of nginx; nginx.conf beside it says what is asked of it.
import fs from 'fs';

const LANGUAGES = {{ json(languages) }};
const OFFERS = [ // suffix, media type, other names
{% for offer in offers %}
    {{ json([offer.suffix] + offer.names | list) }},
{% endfor %}
]
const OF_THINGS = {{ json(of_things, indent=1) }};
const OF_PAGES = {{ json(of_pages, indent=1) }};
const OF_DATA = {{ json(of_data, indent=1) }};
const ITEM = {{ json(item) }};
const TEXTS = {{ json(texts) }}; // what the paths of texts end in, after that of their document
const ELSEWHERE = {{ json(elsewhere) }}; // names with nothing of their own, and where what is said of them is
const TOLD_BY = {{ json(told_by) }}; // data without a page, and the page that tells of them
const NOTHING = {{ json(nothing, ensure_ascii=False) }};
const NO_FORMAT = {{ json(no_format, ensure_ascii=False) }};
const VOCABULARY = /^(?:ns|vocab)(?:\/|$)/;
const UNSURE = {{ json(unsure) }};
const MOST_READ = 4000; // characters of a header that are read

// -------------------------------------------------------------------- what a client accepts

// The elements of an Accept-like header: name in lower case, quality from 0 to 1000.
function preferences(header) {
    const found = [];
    let element = [''];
    const read = () => {
        const name = element[0].trim().toLowerCase();
        let quality = 1000;
        for (let i = 1; i < element.length; i++) {
            const parameter = element[i].trim();
            const equals = parameter.indexOf('=');
            const key = (equals < 0 ? parameter : parameter.slice(0, equals)).trim().toLowerCase();
            if (key === 'q') {
                const value = equals < 0 ? '' : parameter.slice(equals + 1).trim();
                quality = /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(value) ? Math.round(parseFloat(value) * 1000) : -1;
                break;
            }
        }
        if (name && quality >= 0) {
            found.push({name: name, quality: quality});
        }
    };
    const pieces = header.slice(0, MOST_READ).match(/(?:[^,;"]|"(?:[^"\\]|\\.)*")+|[,;]/g) || [];
    pieces.forEach((piece) => {
        if (piece === ',') {
            read();
            element = [''];
        } else if (piece === ';') {
            element.push('');
        } else {
            element[element.length - 1] += piece;
        }
    });
    read();
    return found;
}

// The quality that the most exact of the ranges gives, and how exact it is.
function fit(wanted, exactness_of) {
    let best = 0, quality = 0;
    wanted.forEach((told) => {
        const exactness = exactness_of(told.name);
        if (exactness > best || (exactness && exactness === best && told.quality > quality)) {
            best = exactness;
            quality = told.quality;
        }
    });
    return [quality, best];
}

function bestOffer(header, offers) {
    const wanted = preferences(header).filter((told) => /^[^\/\s]+\/[^\/\s]+$/.test(told.name));
    if (!wanted.length) {
        return /^[\s,]*$/.test(header) ? offers[0] : undefined;
    }
    let best, best_rank = 0;
    offers.forEach((offer) => {
        const group = offer[1].split('/')[0] + '/*';
        const found = fit(wanted, (name) => (offer.indexOf(name, 1) > 0 ? 3 : name === group ? 2 : name === '*/*' ? 1 : 0));
        const rank = found[0] * 100 + found[1] * 10 + (found[1] === 3 && offer[0] !== 'html' ? 1 : 0);
        if (found[0] && rank > best_rank) {
            best = offer;
            best_rank = rank;
        }
    });
    return best;
}

function language(r) {
    const wanted = preferences(r.headersIn['Accept-Language'] || '');
    let best = LANGUAGES[0], best_quality = 0;
    LANGUAGES.forEach((tongue) => {
        const quality = fit(wanted, (name) => ((name + '-').startsWith(tongue + '-') ? 2 : name === '*' ? 1 : 0))[0];
        if (quality > best_quality) {
            best = tongue;
            best_quality = quality;
        }
    });
    return best;
}

// -------------------------------------------------------------------- what there is

function isFile(r, path) {
    try {
        return fs.statSync(r.variables.document_root + '/' + path).isFile();
    } catch (problem) {
        return false;
    }
}

function say(r, headers) {
    Object.keys(headers).forEach((name) => {
        r.headersOut[name] = headers[name];
    });
}

function sentence(r, status, told, headers) {
    say(r, {'Content-Type': 'text/plain; charset=utf-8'});
    say(r, headers || {});
    r.return(status, told + '\n');
}

// Send the file that fits best.
function choose(r) {
    const whole = (pattern) => new RegExp('^(?:' + pattern + ')$');
    const path = r.uri.slice(1), stem = path || 'index';
    const page = stem.endsWith('.html') ? stem.slice(0, -5) : '';
    if (page && isFile(r, page + '.' + LANGUAGES[0] + '.html')) {
        return r.internalRedirect('/' + page + '.' + language(r) + '.html');
    }
    const offers = OFFERS.filter((offer) => isFile(r, stem + '.' + (offer[0] === 'html' ? LANGUAGES[0] + '.html' : offer[0])));
    const other = ELSEWHERE.find((told) => whole(told[0]).test(path));
    if (!offers.length && other) {
        return r.return(303, '/' + other[1].replace('{}', path.match(whole(other[0]))[1]));
    }
    if (!offers.length) {
        return sentence(r, 404, NOTHING[language(r)].replace('{path}', () => r.uri));
    }
    const about = TOLD_BY.find((told) => whole(told[0]).test(path));
    const isAlone = about && offers.every((offer) => offer[0] !== 'html');
    if (isAlone) {
        offers.push(OFFERS.find((offer) => offer[0] === 'html'));
    }
    const chosen = bestOffer(r.headersIn['Accept'] || '', offers);
    if (!chosen) {
        const types = offers.map((offer) => offer[1]).join(', ');
        return sentence(r, 406, NO_FORMAT[language(r)].replace('{types}', types), {Vary: '{{ negotiated }}'});
    }
    if (isAlone && chosen[0] === 'html') {
        r.headersOut.Vary = '{{ negotiated }}';
        return r.return(303, '/' + about[1]);
    }
    if (path.startsWith('ent/')) {
        r.headersOut.Vary = '{{ negotiated }}';
        return r.return(303, '/' + stem + '.' + chosen[0]);
    }
    r.internalRedirect('/' + stem + '.' + (chosen[0] === 'html' ? language(r) + '.html' : chosen[0]));
}

const METHODS = {Allow: '{{ methods }}', 'Access-Control-Allow-Methods': '{{ methods }}'};

function method(r) {
    if (r.method !== 'OPTIONS') {
        return sentence(r, 405, '{{ method }}', METHODS);
    }
    say(r, METHODS);
    say(r, {{ json(preflight) }});
    r.return(204);
}

// What has been withdrawn, and why.
function withdrawn(r) {
    const path = r.uri.slice(1).replace(/(?:\.[A-Za-z-]+)*$/, '');
    const tongue = language(r);
    say(r, {'Content-Type': 'text/html; charset=utf-8', 'Content-Language': tongue});
    r.return(410, fs.readFileSync(r.variables.document_root + '/' + path + '.' + tongue + '.html'));
}

// -------------------------------------------------------------------- headers of a file that is sent

const asked = (r) => decodeURI(r.variables.request_uri.split('?')[0]);

function location(r) {
    try {
        return asked(r) === r.uri ? '' : r.uri;
    } catch (problem) {
        return '';
    }
}

function vary(r) {
    return !location(r) ? '' : asked(r).endsWith('.html') ? 'Accept-Language' : '{{ negotiated }}';
}

function tongue(r) {
    const told = r.uri.match(/\.([a-z]+)\.(?:html|atom|csv|tsv|json|xml|md)$/);
    return told && LANGUAGES.indexOf(told[1]) >= 0 ? told[1] : '';
}

// The same links as in the page's link set (RFC 9264), where all of them are.
function links(r) {
    const data = r.uri.slice(1).match(/^(.+)\.(?:{{ data | join("|") }})$/);
    if (data) {
        return isFile(r, data[1] + '.linkset.json') ? OF_DATA.join(', ').replace(/{{ path }}/g, data[1]) : '';
    }
    const path = r.uri.slice(1).replace(/\.[a-z]+\.html$/, '');
    if (!tongue(r) || !r.uri.endsWith('.html')) {
        return '';
    }
    if (!isFile(r, path + '.rdf')) {
        return OF_PAGES.join(', ').replace(/{{ path }}/g, path);
    }
    const cut = path.lastIndexOf('/'), last = path.slice(cut + 1);
    const inside = cut > 0 && !last.startsWith('text.') && isFile(r, path.slice(0, cut) + '.rdf');
    const space = VOCABULARY.test(path) ? '{{ vocabulary }}' : '{{ base }}';
    const cited = '<' + space + (inside ? path.slice(0, cut) + '#' + last : path) + '>; rel="cite-as", ';
    const items = TEXTS.filter((text) => isFile(r, path + text + '.txt'))
        .map((text) => ITEM.replace('{{ path }}', '{{ path }}' + text));
    const told = items.concat(OF_THINGS, OF_PAGES).join(', ').replace(/{{ path }}/g, path);
    return (UNSURE.indexOf(path) < 0 ? cited : '') + told;
}

export default {choose, method, withdrawn, location, vary, tongue, links};
