"""Which packages are frameworks that people tag their problems with, and under which name."""

from collections.abc import Iterable

from commontrace.context import names

MOST = 8
_SAME = frozenset(
    # packages whose framework has the same name
    """
    actix-web aiohttp airflow alembic angular ansible astro axum bevy bootstrap bottle celery
    cypress dash diesel django docker drizzle-orm echo electron ember eslint ethers expo express
    fastapi fastify fastmcp fiber flask gatsby gin gorm gradio graphql hibernate htmx hypothesis
    jest jquery keras koa langchain laravel lightning litestar mocha mongoose mypy nestjs next numpy
    nuxt ollama openai pandas phoenix phpunit playwright polars preact prisma puppeteer pydantic
    pyramid pytest quart rails react react-native redux remix rocket rollup rspec ruff sanic scikit-
    learn scrapy selenium sequelize sinatra solid spring-boot sqlalchemy sqlx starlette storybook
    strapi streamlit svelte symfony tailwindcss tauri tensorflow three tokio torch tornado tox
    transformers typeorm typescript uvicorn vite vitest vue webpack yup zod
    """.split()
)
_OTHER = {
    "@angular/core": "angular", "@nestjs/core": "nestjs", "@playwright/test": "playwright",
    "@prisma/client": "prisma",
    "@remix-run/react": "remix", "@sveltejs/kit": "svelte", "@tauri-apps/api": "tauri", "react-dom": "react",
    "apache-airflow": "airflow", "djangorestframework": "django", "discord-py": "discord",
    "pytest-asyncio": "pytest",
    "laravel/framework": "laravel", "phpunit/phpunit": "phpunit", "symfony/framework-bundle": "symfony",
    "org.springframework.boot:spring-boot-starter-web": "spring-boot",
    "org.springframework.boot:spring-boot-starter": "spring-boot", "phoenix-live-view": "phoenix",
}  # fmt: skip


def of(packages: Iterable[str]) -> list[str]:
    """The frameworks among some packages, in their order."""
    found = (_framework(package) for package in packages)
    return list(dict.fromkeys(filter(None, found)))[:MOST]


def _framework(package: str) -> str | None:
    if package in _OTHER:
        return _OTHER[package]
    short = names.short(package)
    return short if short in _SAME else None
